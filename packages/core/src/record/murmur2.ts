/**
 * The hash that Kafka's Java client uses to choose the partition of a key: 32-bit murmur2 with Kafka's seed. A key thus
 * goes to the same partition whichever client writes it.
 */
const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/** The partition of a key, among this many, by the rule of Kafka's Java client. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}

/** The hash of the bytes as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  let hash = seed ^ length
  let index = 0
  for (; index + 4 <= length; index += 4) {
    let word =
      (bytes[index] as number) |
      ((bytes[index + 1] as number) << 8) |
      ((bytes[index + 2] as number) << 16) |
      ((bytes[index + 3] as number) << 24)
    word = Math.imul(word, multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const rest = length - index
  if (rest >= 3) hash ^= (bytes[index + 2] as number) << 16
  if (rest >= 2) hash ^= (bytes[index + 1] as number) << 8
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[index] as number), multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}
