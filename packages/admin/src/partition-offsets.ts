import { listOffsets, listOffsetsTimestamp, type Transport } from '@kafkado/core'
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
  if (partitions.length === 0) return new Map()
  const timestamp = typeof position === 'object' ? Number(position.timestamp) : listOffsetsTimestamp[position]
  const topics = [{ topic, partitions: partitions.map((partition) => ({ partition, timestamp })) }]
  const response = await transport.send(listOffsets, { isolationLevel: 'read_uncommitted', topics })
  const offsets = new Map<number, number>()
  for (const { partition, errorCode, errorMessage, offset } of response.topics[0]?.partitions ?? []) {
    if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: errorMessage })
    offsets.set(partition, offset)
  }
  const beyond = [...offsets].filter(([, offset]) => offset < 0).map(([partition]) => partition)
  for (const [partition, offset] of await partitionOffsets(transport, topic, beyond, 'latest'))
    offsets.set(partition, offset)
  return offsets
}
