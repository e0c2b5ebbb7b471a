import { batchOverheadBytes, recordBatchFieldsAt as at, recordBatchHeaderBytes } from '@kafkado/core/internal'

/** A minimal record batch: the header, with a producer id, followed by any content. Its checksum is wrong. */
export function batchOf({ producerId = -1, bytes = recordBatchHeaderBytes, mark = 0 } = {}): Uint8Array {
  const batch = new Uint8Array(bytes).fill(mark, recordBatchHeaderBytes)
  const view = new DataView(batch.buffer)
  view.setInt32(at.batchLength, bytes - batchOverheadBytes)
  view.setInt8(at.magic, 2)
  view.setBigInt64(at.producerId, BigInt(producerId))
  return batch
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
