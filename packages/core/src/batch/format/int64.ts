/** Writes a whole number within 53 bits as one of 64, big-endian. Faster than by way of a BigInt. */
export function writeInt64(view: DataView, position: number, value: number): void {
  view.setInt32(position, Math.floor(value / 2 ** 32))
  view.setUint32(position + 4, value >>> 0)
}

/**
 * Reads a 64-bit whole number, big-endian. @throws what `inexact` makes of one beyond 2^53 - 1, which would be rounded
 */
export function readInt64(view: DataView, position: number, inexact: (value: bigint) => Error): number {
  const value = view.getInt32(position) * 2 ** 32 + view.getUint32(position + 4)
  if (Number.isSafeInteger(value)) return value
  throw inexact(view.getBigInt64(position))
}
