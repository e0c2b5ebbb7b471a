import { listOffsets, type ListOffsetsRequest, listOffsetsTimestamp } from '../protocol/02-list-offsets.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { byTopic, type IdentifiedPartition } from './by-topic.ts'
import { type AnswerOr, answersInOrder } from './partition-refusal.ts'

/** A place in a log: its start, its end, or the first record of at least a time. */
export type LogPosition = 'earliest' | 'latest' | { readonly timestamp: Date | number }

type OffsetFound = AnswerOr<{ readonly offset: number }>

interface OffsetsQuery {
  readonly partitions: readonly IdentifiedPartition[]
  readonly position: LogPosition
  readonly isolationLevel: ListOffsetsRequest['isolationLevel']
}

/**
 * The offsets at which a position lies in logs, in the order of the partitions; beyond the youngest record it is the
 * end.
 *
 * @throws KafkaError when a request fails as a whole
 */
export async function offsetsAt(
  transport: Transport,
  { partitions, position, isolationLevel }: OffsetsQuery,
  options?: SendOptions,
): Promise<OffsetFound[]> {
  if (partitions.length === 0) return []
  /** Answers −1 for partitions in which no record is as young. */
  const list = async (timestamp: number): Promise<OffsetFound[]> => {
    const topics = byTopic(partitions, ({ partition }) => ({ partition, timestamp }))
    const response = await transport.send(listOffsets, { isolationLevel, topics }, options)
    return answersInOrder(partitions, response.topics, ({ offset }) => ({ offset }))
  }
  if (typeof position !== 'object') return list(listOffsetsTimestamp[position])
  // The ends come first: what is written before the time is looked for then lies behind them, and is not passed over.
  const ends = await list(listOffsetsTimestamp.latest)
  const found = await list(Number(position.timestamp))
  return found.map(
    (answer, index) => ('offset' in answer && answer.offset === -1 ? ends[index] : answer) as OffsetFound,
  )
}
