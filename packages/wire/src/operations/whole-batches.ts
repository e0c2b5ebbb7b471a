/** Bytes of a batch before its length ends: the base offset and the length itself. */
const beforeLengthEnds = 12
const batchLengthAt = 8

/** A broker cuts what it reads from a segment by bytes, so the last batch may not be whole. Whoever reads on asks for it again. */
export function wholeBatches(records: Uint8Array): Uint8Array {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let end = 0
  while (records.length - end >= beforeLengthEnds) {
    const next = end + beforeLengthEnds + view.getInt32(end + batchLengthAt)
    if (next > records.length || next <= end) break
    end = next
  }
  return end === records.length ? records : records.subarray(0, end)
}
