/**
 * A copy of bytes, with memory of its own. `bytes.slice()` is none: what comes as a `Uint8Array` is often a `Buffer` of
 * Node, whose `slice` gives out the same memory again.
 */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
