import { readRecordBatchHeader, soundRecordBatches, verifyChecksum } from '@kafkado/core/internal'

/** Whole batches back to back, as they go to a reader. */
export interface ReadBatches {
  readonly bytes: Uint8Array
  /** The offset after the last of them; −1 when there are none. */
  readonly endOffset: number
}

/**
 * Verifies what was read from the storage, which has no checksums of its own. Batches before a damaged one are sound
 * and are handed on; the reader learns of the damage when it comes to it.
 *
 * @throws KafkaError CORRUPT_MESSAGE when the first batch is damaged
 */
export function checkedBatches(bytes: Uint8Array): ReadBatches {
  const { soundBytes, endOffset } = soundRecordBatches(bytes)
  if (soundBytes === bytes.length) return { bytes, endOffset }
  // Says what is wrong with it.
  if (soundBytes === 0) verifyChecksum(bytes, readRecordBatchHeader(bytes))
  return { bytes: bytes.subarray(0, soundBytes), endOffset }
}
