import { ReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { defineTopic, InvalidRequestError, systemClock } from '@kafkado/core'
import type { Producer } from '@kafkado/producer'
import { messageOf } from '@kafkado/core/internal'
import { counted } from '../counted.ts'
import { type CommonOptions, complain, untilInterrupted, withClient, writeLine } from '../command-context.ts'
import { isStandardInput, openInput, sizeOfFile } from '../records/input-file.ts'
import { type PartOptions, partsOf } from '../records/record-parts.ts'
import { formatOf, readRecords, type SourceLine } from '../records/record-source.ts'

interface ProduceOptions extends CommonOptions, PartOptions {
  readonly format?: string
}

const examples = `
Examples:
  kafkado produce orders orders.jsonl --key customerId
  cat orders.csv | kafkado produce orders --format csv
  echo '{"id":"a-1","order":null}' | kafkado produce orders --key id --value order   # a tombstone: deletes a-1
`

export function addProduce(program: Command): void {
  program
    .command('produce')
    .argument('<topic>')
    .argument('[file]', 'JSON lines, or CSV with a heading row, whose values become strings; standard input without it')
    .description('send records from a file or from standard input')
    .option('--format <format>', 'json or csv; default: by the file name')
    .option('--key <field>', 'the field with the key; null means no key, and a record without the field is refused')
    .option('--value <field>', 'the field with the value, instead of the whole line; null means a tombstone')
    .option(
      '--tombstones',
      'send a tombstone if the value, or every field besides the key, is empty or null (needs --key)',
    )
    .option('--json', 'print each acknowledged record as a line of JSON')
    .addHelpText('after', examples)
    .action(produce)
}

/** Known for a file; nobody knows the size of a pipe. */
function bytesRead(input: Readable): number {
  return input instanceof ReadStream ? input.bytesRead : 0
}

interface Counts {
  acknowledged: number
  failed: number
}

async function produce(topic: string, file: string | undefined, options: ProduceOptions): Promise<void> {
  const interrupted = untilInterrupted()
  const counts: Counts = { acknowledged: 0, failed: 0 }
  const format = formatOf(options.format, file)
  if (options.tombstones && options.key === undefined)
    throw new InvalidRequestError('--tombstones needs --key, which says what is deleted')
  const size = file === undefined || isStandardInput(file) ? undefined : await sizeOfFile(file)
  const startedMs = systemClock.monotonic()
  const columns = [options.key, options.value].filter((name) => name !== undefined)
  let isBegun = false
  try {
    await withClient(
      options,
      async (kafka) => {
        isBegun = true
        // Sends the JSON of the value unchanged: parsing it and writing it again would change numbers beyond 2^53.
        const producer = kafka.producer(defineTopic(topic, { value: 'string' }), { batchSize: 65_536 })
        const input = openInput(file)
        const bar = await startBar(size)
        try {
          for await (const source of readRecords(input, format, { signal: interrupted, columns })) {
            if (interrupted.aborted) break
            await send(producer, source, options, counts)
            bar?.update(bytesRead(input), { records: counts.acknowledged })
          }
        } finally {
          input.destroy()
          await producer.close()
          bar?.update(bytesRead(input), { records: counts.acknowledged })
          bar?.stop()
        }
      },
      interrupted,
    )
  } finally {
    // Reports after a failure too: the records sent before it are stored.
    if (isBegun) report(topic, counts, systemClock.monotonic() - startedMs, options.json === true)
  }
}

async function startBar(size: number | undefined): Promise<SingleBar | undefined> {
  if (!process.stderr.isTTY) return undefined
  const { default: progress } = await import('cli-progress')
  const format = size === undefined ? ' {records} records' : ' {bar} {percentage}%, {records} records'
  const bar = new progress.SingleBar({ format, hideCursor: true })
  bar.start(size ?? 0, 0, { records: 0 })
  return bar
}

/** Buffers the record; resolves when there is room for the next one. */
async function send(
  producer: Producer<string>,
  source: SourceLine,
  options: ProduceOptions,
  counts: Counts,
): Promise<void> {
  const { line } = source
  if ('problem' in source) return reject(counts, line, source.problem)
  try {
    const { key, value } = partsOf(source, options)
    producer.send(value, { key }).then(
      ({ partition, offset }) => {
        counts.acknowledged++
        if (options.json) writeLine(JSON.stringify({ line, partition, offset }))
      },
      (error: unknown) => reject(counts, line, messageOf(error)),
    )
  } catch (error) {
    return reject(counts, line, messageOf(error))
  }
  await producer.ready()
}

function reject(counts: Counts, line: number, problem: string): void {
  counts.failed++
  process.exitCode = 1
  complain(`line ${line}: ${problem}`)
}

function report(topic: string, { acknowledged, failed }: Counts, tookMs: number, isJson: boolean): void {
  const seconds = tookMs / 1000
  const rate = Math.round(acknowledged / Math.max(seconds, 0.001))
  if (isJson) return
  writeLine(
    `${counted(acknowledged, 'record')} acknowledged in topic ${topic}, ${seconds.toFixed(1)} s, ` +
      `${rate} a second${failed > 0 ? `; ${counted(failed, 'line')} failed` : ''}`,
  )
}
