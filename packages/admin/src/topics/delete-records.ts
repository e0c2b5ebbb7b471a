import { deleteRecords as deleteRecordsOperation, type LogPosition, type Transport } from '@kafkado/core'
import { errorOfCode, refusalOf, requireTopicName } from '@kafkado/core/internal'
import { type Place, requireDeletePlace } from '../admin-arguments.ts'
import { findTopic, requireEachSucceeded } from '../find-topic.ts'
import { partitionOffsets } from '../partition-offsets.ts'

/** Where the deletion stops: an offset in every partition, an offset for some of them, or a place in each log. */
export type DeleteBefore = number | Readonly<Record<number, number>> | LogPosition

/**
 * Deletes the records before a place, which becomes the start of the logs.
 *
 * @returns the new start of each partition
 * @throws InvalidRequestError when the place is not valid; TopicNotFoundError; PartitionNotFoundError;
 *   OffsetOutOfRangeError when an offset lies beyond the end of its log, with the outcome `unknown` if records of other
 *   partitions were deleted
 */
export async function deleteRecords(
  transport: Transport,
  name: string,
  before: DeleteBefore,
): Promise<Map<number, number>> {
  requireTopicName(name)
  const place = requireDeletePlace(before, 'before')
  const found = await findTopic(transport, name)
  const partitions = found.partitions.map(({ partition }) => partition)
  const offsets = await offsetsOf(transport, name, partitions, place)
  const topics = [{ topic: name, partitions: [...offsets].map(([partition, offset]) => ({ partition, offset })) }]
  const response = await transport.send(deleteRecordsOperation, { timeoutMs: 30_000, topics })
  const answers = response.topics[0]?.partitions ?? []
  requireEachSucceeded(answers.map((answer) => refusalOf({ topic: name, partition: answer.partition }, answer)))
  return new Map(answers.map(({ partition, lowWatermark }) => [partition, lowWatermark]))
}

async function offsetsOf(
  transport: Transport,
  topic: string,
  partitions: readonly number[],
  place: Place,
): Promise<ReadonlyMap<number, number>> {
  if ('position' in place) return partitionOffsets(transport, topic, partitions, place.position)
  if ('offset' in place) return new Map(partitions.map((partition) => [partition, place.offset]))
  for (const partition of place.offsets.keys()) {
    if (partitions.includes(partition)) continue
    const detail = `the topic has ${partitions.length} partitions, so there is no partition ${partition}`
    throw errorOfCode('UNKNOWN_TOPIC_OR_PARTITION', { topic, partition, detail }, { retriable: false })
  }
  return place.offsets
}
