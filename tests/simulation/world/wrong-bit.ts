import type { Random } from '@kafkado/core'
import { readRecordBatchHeader, recordBatchFieldsAt } from '@kafkado/core/internal'

/** The fields before this are outside the checksum of a batch, or are the checksum itself. */
const checkedFrom = recordBatchFieldsAt.attributes

/**
 * Of what is read, a bit is another one where that is asked for, in the first batch. Half of the time it lies before
 * what the checksum covers: there, only the engine can notice it, by its own index.
 */
export function withWrongBit(bytes: Uint8Array, faults: { isReadingWrongly: boolean }, random: Random): Uint8Array {
  if (!faults.isReadingWrongly || bytes.length === 0) return bytes
  faults.isReadingWrongly = false
  const { sizeInBytes } = readRecordBatchHeader(bytes)
  const place = 2 * random.next()
  const position = Math.floor(place < 1 ? place * checkedFrom : checkedFrom + (place - 1) * (sizeInBytes - checkedFrom))
  bytes[position] = (bytes[position] as number) ^ (1 << Math.floor(random.next() * 8))
  return bytes
}
