import { listOffsets, type Transport } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import type { ConsumerSettings, StartOffset } from '../consumer-config.ts'
import { answersOf, byTopic } from '../partition/by-topic.ts'
import { type OffsetAnswer, refusalOf } from '../partition/offset-answer.ts'
import type { AssignedPartition } from '../topic-partition.ts'

interface StartQuery {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'isolation'>
  readonly start: StartOffset
  readonly partitions: readonly AssignedPartition[]
  readonly signal: AbortSignal
}

/**
 * The offsets at which a start position lies; beyond the youngest record it is the end.
 *
 * @throws KafkaError when the request fails as a whole
 */
export async function listStarts({
  transport,
  settings: { isolation: isolationLevel },
  start,
  partitions,
  signal,
}: StartQuery): Promise<OffsetAnswer[]> {
  if (partitions.length === 0) return []
  /** Answers −1 for partitions in which no record is as young. */
  const list = async (timestamp: number): Promise<OffsetAnswer[]> => {
    const topics = byTopic(partitions, ({ partition }) => ({ partition, timestamp }))
    const answerOf = answersOf((await transport.send(listOffsets, { isolationLevel, topics }, { signal })).topics)
    return partitions.map((target) => {
      const answer = answerOf(target)
      const error = refusalOf(target, answer)
      return error ? { error } : { offset: answer?.offset ?? -1 }
    })
  }
  if (typeof start !== 'object') return list(listOffsetsTimestamp[start])
  // The ends come first: what is written before the time is looked for then lies behind them, and is not passed over.
  const ends = await list(listOffsetsTimestamp.latest)
  const found = await list(Number(start.timestamp))
  return found.map(
    (answer, index) => ('offset' in answer && answer.offset === -1 ? ends[index] : answer) as OffsetAnswer,
  )
}
