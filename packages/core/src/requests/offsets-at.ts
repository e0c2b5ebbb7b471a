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
 * The offsets of a position in logs, in the order of the partitions. A time beyond the latest record gives the end.
 *
 * @throws KafkaError when a whole request fails
 */
export async function offsetsAt(
  transport: Transport,
  { partitions, position, isolationLevel }: OffsetsQuery,
  options?: SendOptions,
): Promise<OffsetFound[]> {
  if (partitions.length === 0) return []
  /** Answers −1 for partitions without a record that recent. */
  const list = async (timestamp: number): Promise<OffsetFound[]> => {
    const topics = byTopic(partitions, ({ partition }) => ({ partition, timestamp }))
    const response = await transport.send(listOffsets, { isolationLevel, topics }, options)
    return answersInOrder(partitions, response.topics, ({ offset }) => ({ offset }))
  }
  if (typeof position !== 'object') return list(listOffsetsTimestamp[position])
  // Ask for the ends first: records written before the second query then lie behind them and are not skipped.
  const ends = await list(listOffsetsTimestamp.latest)
  const found = await list(Number(position.timestamp))
  return found.map(
    (answer, index) => ('offset' in answer && answer.offset === -1 ? ends[index] : answer) as OffsetFound,
  )
}
