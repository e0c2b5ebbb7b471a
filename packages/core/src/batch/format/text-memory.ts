const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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

/**
 * The UTF-8 text in a part of `bytes`; a byte order mark stays in it.
 *
 * @throws TypeError when that part is not UTF-8
 */
export function readText(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return decoder.decode(bytes.subarray(start, end))
}
