/**
 * Copies bytes into memory of their own. `bytes.slice()` may not: a `Uint8Array` is often a Node `Buffer`, whose
 * `slice` shares the memory.
 */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
