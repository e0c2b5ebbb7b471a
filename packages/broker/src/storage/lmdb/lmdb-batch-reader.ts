import type { LmdbDatabases } from './lmdb-databases.ts'

/** See `Storage.readBatches`. */
interface WantedBatches {
  readonly logId: number
  readonly fromOffset: number
  readonly untilOffset: number
  readonly maxBytes: number
  readonly atLeastOne: boolean
}

/** Copies batches out of LMDB's own memory. */
export class LmdbBatchReader {
  /** A buffer for batches whose total size is not known yet. */
  #reading: Buffer = Buffer.allocUnsafeSlow(1024 * 1024)

  read({ log }: LmdbDatabases, { logId, fromOffset, untilOffset, maxBytes, atLeastOne }: WantedBatches): Uint8Array {
    let size = 0
    for (const key of log.getKeys({ start: [logId, fromOffset], end: [logId, untilOffset] })) {
      if (key[1] >= untilOffset) break
      const value = log.getBinaryFast(key) as Buffer
      const isFree = atLeastOne && size === 0
      if (size + value.length > maxBytes && !isFree) break
      // The value is in the database's own memory, and valid until the next one is read.
      this.#reading = withRoomFor(this.#reading, size, value.length)
      // Its length differs from the memory behind it, so a plain copy would take too much.
      value.subarray(0, value.length).copy(this.#reading, size)
      size += value.length
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    this.#reading.copy(bytes, 0, 0, size)
    return bytes
  }
}

function withRoomFor(buffer: Buffer, used: number, more: number): Buffer {
  if (used + more <= buffer.length) return buffer
  const grown = Buffer.allocUnsafeSlow(Math.max(used + more, buffer.length * 2))
  buffer.copy(grown, 0, 0, used)
  return grown
}
