/**
 * A 32-bit hash of a key (MurmurHash3), with the folder's own seed. It differs from the hash by which producers choose
 * partitions: all keys of a task have a part of that hash in common.
 */
export function hashOfKey(key: Uint8Array, seed: number, start = 0, end: number = key.length): number {
  let hash = seed
  let at = start
  for (const last = end - 4; at <= last; at += 4) {
    const word =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24)
    hash ^= scrambled(word)
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  let rest = 0
  for (let shift = 0; at < end; at++, shift += 8) rest |= (key[at] as number) << shift
  hash ^= scrambled(rest) ^ (end - start)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
