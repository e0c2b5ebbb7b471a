const encoder = new TextEncoder()

/** Memory to write text into. What it holds at first is not defined. */
export function allocate(sizeInBytes: number): Uint8Array {
  return new Uint8Array(sizeInBytes)
}

/**
 * Writes a string as UTF-8 at `position` of memory from {@link allocate}, as far as there is room for whole characters.
 *
 * @returns the number of bytes written; with room for three a character, they equal the characters only for ASCII
 */
export function writeText(memory: Uint8Array, text: string, position: number): number {
  return encoder.encodeInto(text, memory.subarray(position)).written
}
