/**
 * Reads a 64-bit number, big-endian.
 *
 * @param beyond makes the error for a number that a double would round
 */
export function readInt64(view: DataView, position: number, beyond: (value: bigint) => Error): number {
  const value = view.getInt32(position) * 2 ** 32 + view.getUint32(position + 4)
  if (Number.isSafeInteger(value)) return value
  throw beyond(view.getBigInt64(position))
}

/** Writes a whole number within 53 bits as one of 64, big-endian. Faster than by way of a BigInt. */
export function writeInt64(view: DataView, position: number, value: number): void {
  view.setInt32(position, Math.floor(value / 2 ** 32))
  view.setUint32(position + 4, value >>> 0)
}
