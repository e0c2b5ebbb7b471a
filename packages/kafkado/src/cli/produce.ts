import { ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { systemClock } from '@kafkado/core'
import type { Producer } from '@kafkado/producer'
import { type CommonOptions, complain, messageOf, untilInterrupted, withClient, writeLine } from './command-context.ts'
import { formatOf, openInput, readRecords } from './record-source.ts'

interface ProduceOptions extends CommonOptions {
  readonly format?: string
  readonly key?: string
}

export function addProduce(program: Command): void {
  program
    .command('produce')
    .argument('<topic>')
    .argument('[file]', 'JSON lines, or CSV with a heading row; standard input without it')
    .description('send records from a file or from standard input')
    .option('--format <format>', 'json or csv; by default what the file name says')
    .option('--key <field>', 'the field whose value is the key')
    .option('--json', 'print each acknowledged record as a line of JSON')
    .action(produce)
}

/** Of a file; of a pipe nobody knows how much there is. */
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
  const size = file === undefined || file === '-' ? undefined : (await stat(file)).size
  const startedMs = systemClock.monotonic()
  await withClient(
    options,
    async (kafka) => {
      const producer = kafka.producer(topic, { batchSize: 65_536 })
      const input = openInput(file)
      const bar = process.stderr.isTTY
        ? new SingleBar({
            format: size === undefined ? ' {records} records' : ' {bar} {percentage}%, {records} records',
            hideCursor: true,
          })
        : undefined
      bar?.start(size ?? 0, 0, { records: 0 })
      for await (const source of readRecords(input, format, interrupted)) {
        if (interrupted.aborted) break
        if ('problem' in source) reject(counts, source.line, source.problem)
        else await send(producer, source.line, source.value, options, counts)
        bar?.update(bytesRead(input), { records: counts.acknowledged })
      }
      input.destroy()
      await producer.close()
      bar?.update(bytesRead(input), { records: counts.acknowledged })
      bar?.stop()
    },
    interrupted,
  )
  report(topic, counts, systemClock.monotonic() - startedMs, options.json === true)
}

/** Buffers the record; resolves when there is room for the next one. */
async function send(
  producer: Producer,
  line: number,
  value: unknown,
  { key, json = false }: ProduceOptions,
  counts: Counts,
): Promise<void> {
  producer.send(value, { key: keyOf(value, key) }).then(
    ({ partition, offset }) => {
      counts.acknowledged++
      if (json) writeLine(JSON.stringify({ line, partition, offset }))
    },
    (error: unknown) => reject(counts, line, messageOf(error)),
  )
  await producer.ready()
}

function keyOf(value: unknown, field: string | undefined): string | null {
  if (field === undefined || typeof value !== 'object' || value === null) return null
  const key = (value as Record<string, unknown>)[field]
  if (key === undefined || key === null) return null
  return typeof key === 'string' ? key : JSON.stringify(key)
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
    `${acknowledged} records acknowledged in topic ${topic}, ${seconds.toFixed(1)} s, ${rate} a second${failed > 0 ? `; ${failed} lines failed` : ''}`,
  )
}
