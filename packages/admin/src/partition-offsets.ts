import type { LogPosition, Transport } from '@kafkado/core'
import { offsetsAt } from '@kafkado/core/internal'

/** The offsets of partitions of one topic at a position. A time beyond the latest record gives the end. */
export async function partitionOffsets(
  transport: Transport,
  topic: string,
  partitions: readonly number[],
  position: LogPosition,
): Promise<Map<number, number>> {
  const offsets = await offsetsByTopic(transport, new Map([[topic, partitions]]), position)
  return offsets.get(topic) as Map<number, number>
}

/**
 * The same for partitions of any number of topics, in one request: a request per topic could mean thousands at once.
 */
export async function offsetsByTopic(
  transport: Transport,
  topics: ReadonlyMap<string, readonly number[]>,
  position: LogPosition,
): Promise<Map<string, Map<number, number>>> {
  const partitions = [...topics].flatMap(([topic, numbers]) => numbers.map((partition) => ({ topic, partition })))
  const answers = await offsetsAt(transport, { partitions, position, isolationLevel: 'read_uncommitted' })
  const offsets = new Map([...topics.keys()].map((topic) => [topic, new Map<number, number>()]))
  partitions.forEach(({ topic, partition }, index) => {
    const answer = answers[index]
    if (!answer) return
    if ('error' in answer) throw answer.error
    offsets.get(topic)?.set(partition, answer.offset)
  })
  return offsets
}
