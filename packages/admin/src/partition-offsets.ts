import { listOffsets, type Transport } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'

/** A place in a log: its start, its end, or the first record of at least a time. */
export type LogPosition = 'earliest' | 'latest' | { readonly timestamp: Date | number }

/** The offsets of partitions of one topic at a position; beyond the youngest record it is the end. */
export async function partitionOffsets(
  transport: Transport,
  topic: string,
  partitions: readonly number[],
  position: LogPosition,
): Promise<Map<number, number>> {
  const offsets = await offsetsByTopic(transport, new Map([[topic, partitions]]), position)
  return offsets.get(topic) as Map<number, number>
}

/** The same for partitions of any number of topics, asked for at once: one request for each topic would be thousands at a time. */
export async function offsetsByTopic(
  transport: Transport,
  partitions: ReadonlyMap<string, readonly number[]>,
  position: LogPosition,
): Promise<Map<string, Map<number, number>>> {
  if (typeof position !== 'object') return offsetsByTime(transport, partitions, listOffsetsTimestamp[position])
  // The ends come first: what is written before the time is looked for then lies behind them, and is of that time too.
  const offsets = await offsetsByTime(transport, partitions, listOffsetsTimestamp.latest)
  for (const [topic, found] of await offsetsByTime(transport, partitions, Number(position.timestamp)))
    for (const [partition, offset] of found) if (offset >= 0) offsets.get(topic)?.set(partition, offset)
  return offsets
}

/** @returns −1 for partitions in which no record is as young */
async function offsetsByTime(
  transport: Transport,
  partitions: ReadonlyMap<string, readonly number[]>,
  timestamp: number,
): Promise<Map<string, Map<number, number>>> {
  const offsets = new Map([...partitions.keys()].map((topic) => [topic, new Map<number, number>()]))
  const topics = [...partitions]
    .filter(([, asked]) => asked.length > 0)
    .map(([topic, asked]) => ({ topic, partitions: asked.map((partition) => ({ partition, timestamp })) }))
  if (topics.length === 0) return offsets
  const response = await transport.send(listOffsets, { isolationLevel: 'read_uncommitted', topics })
  for (const { topic, partitions: answers } of response.topics) {
    for (const { partition, errorCode, errorMessage, offset } of answers) {
      if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: errorMessage })
      offsets.get(topic)?.set(partition, offset)
    }
  }
  return offsets
}
