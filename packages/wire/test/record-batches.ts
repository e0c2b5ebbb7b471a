/**
 * The least that a record batch consists of (61 bytes of header), with a producer id and any content after it; its
 * checksum is not one.
 */
export function batchOf({ producerId = -1, bytes = 61, mark = 0 } = {}): Uint8Array {
  const batch = new Uint8Array(bytes).fill(mark, 61)
  const view = new DataView(batch.buffer)
  view.setInt32(8, bytes - 12)
  view.setInt8(16, 2)
  view.setBigInt64(43, BigInt(producerId))
  return batch
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
