import { recordBatchFieldsAt as at, recordBatchHeaderBytes, recordBatchSize } from '@kafkado/core/internal'

export interface BatchPlace {
  /** Where it begins in the bytes. */
  readonly position: number
  readonly baseOffset: number
  readonly lastOffset: number
}

/** What each of several batches says of its offsets. What is no whole batch ends them. */
export function* batchPlaces(bytes: Uint8Array): Iterable<BatchPlace> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let position = 0; bytes.length - position >= recordBatchHeaderBytes;) {
    const sizeInBytes = recordBatchSize(view, position)
    if (sizeInBytes < recordBatchHeaderBytes) return
    const baseOffset = view.getInt32(position) * 2 ** 32 + view.getUint32(position + 4)
    yield { position, baseOffset, lastOffset: baseOffset + view.getInt32(position + at.lastOffsetDelta) }
    position += sizeInBytes
  }
}
