import type { Random } from '@kafkado/core'
import { readRecordBatchHeader } from '@kafkado/core/internal'

/**
 * Of what is read, a bit is another one where that is asked for: of the first batch, behind what its checksum does not
 * cover.
 */
export function withWrongBit(bytes: Uint8Array, faults: { isReadingWrongly: boolean }, random: Random): Uint8Array {
  if (!faults.isReadingWrongly || bytes.length === 0) return bytes
  faults.isReadingWrongly = false
  const { sizeInBytes } = readRecordBatchHeader(bytes)
  const position = 21 + Math.floor(random.next() * (sizeInBytes - 21))
  bytes[position] = (bytes[position] as number) ^ (1 << Math.floor(random.next() * 8))
  return bytes
}
