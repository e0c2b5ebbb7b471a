// What is replaced is called by `this` alone, as the methods are.
/* oxlint-disable typescript/unbound-method */
const typedArrays = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array

/** Counts the bytes that are copied from one buffer into another, from here on. @returns how many so far */
export function countCopiedBytes(): () => number {
  let copied = 0
  const { set, slice, copyWithin } = typedArrays
  const { copy } = Buffer.prototype
  const { concat } = Buffer
  typedArrays.set = function (this: Uint8Array, source, offset) {
    copied += source.length * this.BYTES_PER_ELEMENT
    return set.call(this, source, offset)
  }
  typedArrays.slice = function (this: Uint8Array, start, end) {
    const made = slice.call(this, start, end)
    copied += made.byteLength
    return made
  }
  typedArrays.copyWithin = function (this: Uint8Array, target, start, end) {
    copied += Math.max(0, (end ?? this.length) - start) * this.BYTES_PER_ELEMENT
    return copyWithin.call(this, target, start, end)
  }
  Buffer.prototype.copy = function (this: Buffer, ...words: Parameters<Buffer['copy']>) {
    const count = copy.apply(this, words)
    copied += count
    return count
  }
  Buffer.concat = (list, totalLength) => {
    const made = concat(list, totalLength)
    copied += made.length
    return made as Buffer<ArrayBuffer>
  }
  return () => copied
}
