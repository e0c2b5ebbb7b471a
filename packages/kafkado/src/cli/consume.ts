import { InvalidRequestError, type KafkaRecord, systemRandom } from '@kafkado/core'
import type { RecordStream, StartOffset } from '@kafkado/consumer'
import type { Command } from 'commander'
import type { KafkaClient } from '../kafka-client.ts'
import { type CommonOptions, untilInterrupted, wholeNumber, withClient, writeLine } from './command-context.ts'

interface ConsumeOptions extends CommonOptions {
  readonly group?: string
  readonly from: string
  readonly max?: string
  readonly untilEnd?: boolean
}

export function addConsume(program: Command): void {
  program
    .command('consume')
    .argument('<topic>')
    .description('print records as they come, until Ctrl-C')
    .option('--group <group>', 'go on after what this group has committed, and commit what is printed')
    .option(
      '--from <position>',
      'where to begin without a commit: earliest, latest, or a time such as 2026-01-31T12:00:00Z',
      'earliest',
    )
    .option('--max <count>', 'end after so many records')
    .option('--until-end', 'end at what is the end of the topic now')
    .option('--json', 'print records as JSON with partition, offset, timestamp, key and headers')
    .action(consume)
}

async function consume(topic: string, options: ConsumeOptions): Promise<void> {
  const interrupted = untilInterrupted()
  const offset = startOf(options.from)
  const max = options.max === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--max', options.max, 1)
  await withClient(
    options,
    async (kafka) => {
      // Asked for by name at a prompt, a topic that is not there is a mistake and not a wish.
      const { offsets } = await kafka.admin.describeTopic(topic)
      const missing = options.untilEnd
        ? new Map(
            offsets
              .filter(({ earliest, latest }) => latest > earliest)
              .map(({ partition, latest }) => [partition, latest]),
          )
        : undefined
      const group = options.group ?? `kafkado-consume-${systemRandom.uuid()}`
      const consumer = kafka.consumer(topic, { group, offset })
      const stop = (): void => void consumer.close()
      interrupted.addEventListener('abort', stop, { once: true })
      process.stdout.once('close', stop)
      if (missing === undefined || missing.size > 0) await print(consumer, options, max, missing)
      await consumer.close()
      if (options.group === undefined) await forget(kafka, group)
    },
    interrupted,
  )
}

async function print(
  records: RecordStream<KafkaRecord>,
  { json = false }: ConsumeOptions,
  max: number,
  missing: Map<number, number> | undefined,
): Promise<void> {
  for await (const record of records.take(max)) {
    if (!process.stdout.writable) return
    writeLine(json ? JSON.stringify(record) : plain(record))
    if (missing && record.offset + 1 >= (missing.get(record.partition) ?? 0)) missing.delete(record.partition)
    if (missing?.size === 0) {
      await record.commit()
      return
    }
  }
}

/** The value as it is in the topic, on one line where it is JSON. */
function plain(record: KafkaRecord): string {
  return record.rawValue === null ? '' : new TextDecoder().decode(record.rawValue)
}

function startOf(from: string): StartOffset {
  if (from === 'earliest' || from === 'latest') return from
  const timestamp = /^\d+$/.test(from) ? Number(from) : Date.parse(from)
  if (Number.isFinite(timestamp)) return { timestamp }
  throw new InvalidRequestError(`--from must be earliest, latest or a time such as 2026-01-31T12:00:00Z, got '${from}'`)
}

/** A group that was made for one command leaves nothing behind. */
async function forget(kafka: KafkaClient, group: string): Promise<void> {
  await kafka.admin.deleteGroup(group).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'GROUP_ID_NOT_FOUND') throw error
  })
}
