import { deleteRecords as deleteRecordsOperation, type Transport } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { findTopic } from './find-topic.ts'
import { type LogPosition, partitionOffsets } from './partition-offsets.ts'

/** Up to where records are deleted: an offset in every partition, an offset for some of them, or a place in each log. */
export type DeleteBefore = number | Readonly<Record<number, number>> | LogPosition

/**
 * Deletes the records before a place and makes that the start of the logs.
 *
 * @returns the new start of each partition
 * @throws TopicNotFoundError; OffsetOutOfRangeError when an offset lies beyond the end
 */
export async function deleteRecords(
  transport: Transport,
  name: string,
  before: DeleteBefore,
): Promise<Map<number, number>> {
  const { partitions } = await findTopic(transport, name)
  const offsets = await offsetsBefore(
    transport,
    name,
    partitions.map(({ partition }) => partition),
    before,
  )
  const topics = [{ topic: name, partitions: [...offsets].map(([partition, offset]) => ({ partition, offset })) }]
  const response = await transport.send(deleteRecordsOperation, { timeoutMs: 30_000, topics })
  const starts = new Map<number, number>()
  for (const { partition, errorCode, errorMessage, lowWatermark } of response.topics[0]?.partitions ?? []) {
    if (errorCode !== 0) throw errorOfCode(errorCode, { topic: name, partition, detail: errorMessage })
    starts.set(partition, lowWatermark)
  }
  return starts
}

async function offsetsBefore(
  transport: Transport,
  name: string,
  partitions: number[],
  before: DeleteBefore,
): Promise<Map<number, number>> {
  if (typeof before === 'number') return new Map(partitions.map((partition) => [partition, before]))
  if (typeof before === 'string' || 'timestamp' in before)
    return partitionOffsets(transport, name, partitions, before as LogPosition)
  return new Map(Object.entries(before).map(([partition, offset]) => [Number(partition), offset as number]))
}
