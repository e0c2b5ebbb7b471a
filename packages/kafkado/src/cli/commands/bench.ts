import type { Command } from 'commander'
import { counted } from '../counted.ts'
import { type CommonOptions, untilInterrupted, wholeNumber, withClient, writeLine } from '../command-context.ts'
import type { BenchResult, Latency, Throughput } from '../bench/run-bench.ts'

interface BenchOptions extends CommonOptions {
  readonly records: string
  readonly size: string
  readonly topic?: string
  readonly partitions?: string
}

const examples = `
Examples:
  kafkado bench --url kafka://b1:9092
  kafkado bench --records 1000000 --size 1000 --partitions 12
  kafkado bench --topic load-test --json   # a topic that exists keeps the records
`

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure how fast records are produced and consumed, with the default settings of clients')
    .option('--records <count>', 'how many records', '100000')
    .option('--size <bytes>', 'the bytes of each record, which are random letters', '200')
    .option(
      '--topic <topic>',
      'where to; default: a new topic. A topic that this command creates is deleted at its end',
    )
    .option('--partitions <count>', 'how many partitions a new topic has; default: as many as the server gives it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(bench)
}

async function bench(options: BenchOptions): Promise<void> {
  const interrupted = untilInterrupted()
  const { topic, partitions } = options
  const given = {
    records: wholeNumber('--records', options.records, 1),
    sizeInBytes: wholeNumber('--size', options.size, 1),
    topic,
    partitions: partitions === undefined ? undefined : wholeNumber('--partitions', partitions, 1),
  }
  const result = await withClient(
    options,
    async (kafka) => {
      // Loaded here, as other commands need none of it.
      const { runBench } = await import('../bench/run-bench.ts')
      return runBench(kafka, given, interrupted)
    },
    interrupted,
  )
  writeLine(options.json ? JSON.stringify(result) : textOf(result))
}

function textOf({
  topic,
  partitions,
  records,
  sizeInBytes,
  warmUpRecords,
  produce,
  alone,
  consume,
}: BenchResult): string {
  return [
    `${counted(records, 'record')} of ${sizeInBytes} bytes, topic ${topic} with ${counted(partitions, 'partition')}, ` +
      `after ${warmUpRecords} to warm up`,
    `produce     ${throughputText(produce)}; acknowledged after ${latencyText(produce.latency)}`,
    `one by one  ${counted(alone.records, 'record')}, each awaited; acknowledged after ${latencyText(alone.latency)}`,
    `consume     ${throughputText(consume)}`,
  ].join('\n')
}

function throughputText({ recordsPerSecond, bytesPerSecond }: Throughput): string {
  return `${Math.round(recordsPerSecond)} records/s, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s`
}

function latencyText({ p50Ms, p99Ms, mostMs }: Latency): string {
  return `${p50Ms.toFixed(2)} ms (p50), ${p99Ms.toFixed(2)} ms (p99), ${mostMs.toFixed(2)} ms at most`
}
