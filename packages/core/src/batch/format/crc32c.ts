/**
 * CRC-32C (Castagnoli), the checksum of Kafka's record batches. The CRC-32 of zip and zlib has a different polynomial.
 * It reads 16 bytes a step from 16 tables, which JavaScript engines run at more than 1 GB/s.
 */
const polynomial = 0x82f63b78
const slices = 16

let tables: Uint32Array | undefined

function buildTables(): Uint32Array {
  const built = new Uint32Array(slices * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    built[byte] = crc >>> 0
  }
  for (let index = 256; index < built.length; index++) {
    const previous = built[index - 256] as number
    built[index] = (previous >>> 8) ^ (built[previous & 0xff] as number)
  }
  return built
}

/** The checksum of `bytes` from `start` up to `end`, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const t = (tables ??= buildTables())
  const at = (slice: number, byte: number): number => t[(slice << 8) | (byte & 0xff)] as number
  let crc = 0xffffffff
  let index = start
  for (const last = end - slices; index <= last; index += slices) {
    const a = crc ^ word(bytes, index)
    const b = word(bytes, index + 4)
    const c = word(bytes, index + 8)
    const d = word(bytes, index + 12)
    crc =
      at(15, a) ^
      at(14, a >>> 8) ^
      at(13, a >>> 16) ^
      at(12, a >>> 24) ^
      at(11, b) ^
      at(10, b >>> 8) ^
      at(9, b >>> 16) ^
      at(8, b >>> 24) ^
      at(7, c) ^
      at(6, c >>> 8) ^
      at(5, c >>> 16) ^
      at(4, c >>> 24) ^
      at(3, d) ^
      at(2, d >>> 8) ^
      at(1, d >>> 16) ^
      at(0, d >>> 24)
  }
  for (; index < end; index++) crc = (crc >>> 8) ^ at(0, crc ^ (bytes[index] as number))
  return ~crc >>> 0
}

function word(bytes: Uint8Array, index: number): number {
  return (
    (bytes[index] as number) |
    ((bytes[index + 1] as number) << 8) |
    ((bytes[index + 2] as number) << 16) |
    ((bytes[index + 3] as number) << 24)
  )
}
