import { InvalidRequestError, systemClock, systemRandom, type Timer, type Transport } from '@kafkado/core'
import { offsetsAt } from '@kafkado/core/internal'
import type { Consumer, StartOffset } from '@kafkado/consumer'
import type { Command } from 'commander'
import type { KafkaClient } from '@kafkado/client'
import { jsonOf, plainBytes } from '../records/printed-record.ts'
import { type CommonOptions, timeOf, untilInterrupted, wholeNumber, withClient, writeLine } from '../command-context.ts'

/** How often to check whether the end was reached without a record. */
const lookEveryMs = 100

interface ConsumeOptions extends CommonOptions {
  readonly group?: string
  readonly from: string
  readonly max?: string
  readonly untilEnd?: boolean
}

const examples = `
Examples:
  kafkado consume orders --until-end
  kafkado consume orders --group mailer --max 10
  kafkado consume orders --from 2026-01-31T12:00:00Z --json
`

export function addConsume(program: Command): void {
  program
    .command('consume')
    .argument('<topic>')
    .description('print records as they arrive, until Ctrl-C')
    .option('--group <group>', 'continue after the commits of this group, and commit the printed records')
    .option(
      '--from <position>',
      'where to begin without a commit: earliest, latest, or a time such as 2026-01-31T12:00:00Z',
      'earliest',
    )
    .option('--max <count>', 'end after this many records')
    .option('--until-end', 'end at the present end of the topic')
    .option(
      '--json',
      'print records as JSON with partition, offset, timestamp, key and headers; other values as strings or base64, ' +
        'named by valueEncoding',
    )
    .addHelpText('after', examples)
    .action(consume)
}

async function consume(topic: string, options: ConsumeOptions): Promise<void> {
  const interrupted = untilInterrupted()
  const offset = startOf(options.from)
  const max = options.max === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--max', options.max, 1)
  await withClient(
    options,
    async (kafka, transport) => {
      // Consuming would create a missing topic. At a prompt, a missing topic is rather a typing mistake.
      const { offsets } = await kafka.admin.describeTopic(topic)
      const missing = options.untilEnd ? await readableEnds(transport, topic, offsets) : undefined
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
  consumer: Consumer,
  { json = false }: ConsumeOptions,
  max: number,
  missing: Map<number, number> | undefined,
): Promise<void> {
  const looking = missing && closeAtEnd(consumer, missing)
  try {
    for await (const record of consumer.take(max)) {
      if (!process.stdout.writable) return
      if (json) writeLine(jsonOf(record))
      else process.stdout.write(plainBytes(record))
      if (missing && record.offset + 1 >= (missing.get(record.partition) ?? 0)) missing.delete(record.partition)
      if (missing?.size === 0) {
        await record.commit()
        return
      }
    }
  } finally {
    looking?.cancel()
  }
}

/** When reading begins at the end, by a commit or by `--from`, no record shows that the end is reached. */
function closeAtEnd(consumer: Consumer, missing: Map<number, number>): Pick<Timer, 'cancel'> {
  const look = (): void => {
    for (const { partition, position } of consumer.health().partitions)
      if (position !== undefined && position >= (missing.get(partition) ?? 0)) missing.delete(partition)
    if (missing.size === 0) void consumer.close()
    else timer = systemClock.schedule(lookEveryMs, look)
  }
  let timer = systemClock.schedule(lookEveryMs, look)
  return { cancel: () => timer.cancel() }
}

/** Where each partition ends for a reader of committed records: an open transaction may hide later records for long. */
async function readableEnds(
  transport: Transport,
  topic: string,
  described: readonly { readonly partition: number; readonly earliest: number }[],
): Promise<Map<number, number>> {
  const partitions = described.map(({ partition }) => ({ topic, partition }))
  const found = await offsetsAt(transport, { partitions, position: 'latest', isolationLevel: 'read_committed' })
  const ends = new Map<number, number>()
  described.forEach(({ partition, earliest }, index) => {
    const end = found[index]
    if (end && 'error' in end) throw end.error
    if (end && end.offset > earliest) ends.set(partition, end.offset)
  })
  return ends
}

function startOf(from: string): StartOffset {
  if (from === 'earliest' || from === 'latest') return from
  const timestamp = timeOf(from)
  if (timestamp !== undefined) return { timestamp }
  throw new InvalidRequestError(`--from must be earliest, latest or a time such as 2026-01-31T12:00:00Z, got '${from}'`)
}

/** A group made for one command leaves no offsets behind. */
async function forget(kafka: KafkaClient, group: string): Promise<void> {
  await kafka.admin.deleteGroup(group).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'GROUP_ID_NOT_FOUND') throw error
  })
}
