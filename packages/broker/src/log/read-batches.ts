import { KafkaError } from '@kafkado/core'
import { readRecordBatchHeader, verifyChecksum } from '@kafkado/core/internal'

/** Whole batches back to back, as they go to a reader. */
export interface ReadBatches {
  readonly bytes: Uint8Array
  /** The offset after the last of them; −1 when there are none. */
  readonly endOffset: number
}

/**
 * Verifies what was read from the storage, which has no checksums of its own. Batches before a damaged one are sound and are
 * handed on; the reader learns of the damage when it comes to it.
 *
 * @throws KafkaError CORRUPT_MESSAGE when the first batch is damaged
 */
export function checkedBatches(bytes: Uint8Array): ReadBatches {
  let position = 0
  let endOffset = -1
  try {
    while (position < bytes.length) {
      const header = readRecordBatchHeader(bytes, position)
      verifyChecksum(bytes, header, position)
      position += header.sizeInBytes
      endOffset = header.lastOffset + 1
    }
  } catch (error) {
    if (position === 0 || !KafkaError.is(error)) throw error
  }
  return { bytes: position === bytes.length ? bytes : bytes.subarray(0, position), endOffset }
}
