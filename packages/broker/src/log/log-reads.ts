import { isKafkaError, StorageError } from '@kafkado/core'
import {
  errorOfCode,
  messageOf,
  readRecordBatchHeader,
  soundRecordBatches,
  verifyChecksum,
} from '@kafkado/core/internal'
import type { Storage } from '../storage/storage.ts'
import { batchPlaces } from './batch-places.ts'
import { type ReadBatch, type ScannedLog, sliceBytes } from './log-scan.ts'

const noBytes: Uint8Array = new Uint8Array(0)

/** A batch that has changed since it was written, or several if the storage no longer knows where they lie. */
export interface Damage {
  /** The offset where it was found, and the offset of the next batch. */
  readonly offset: number
  readonly endOffset: number
  readonly message: string
}

/**
 * Reads a log. Reads for clients skip the checksums: clients verify them, and the scrubber checks everything in the
 * background. The engine verifies everything it uses itself; otherwise compaction would rewrite damaged records with a
 * correct checksum. Once damage is known in a log, every read of it is verified, until the damage is gone: deleted, or
 * sound after all.
 */
export class LogReads implements ScannedLog {
  readonly #storage: Storage
  readonly #logId: number
  readonly #onDamage: (damage: Damage) => void
  readonly #damaged = new Map<number, Damage>()
  #logStartOffset = 0

  /** @param onDamage called once for each damaged batch */
  constructor(storage: Storage, logId: number, onDamage: (damage: Damage) => void) {
    this.#storage = storage
    this.#logId = logId
    this.#onDamage = onDamage
  }

  /** The number of known damaged batches. */
  get damagedBatches(): number {
    return this.#damaged.size
  }

  /** Notes data that the storage cannot even read. */
  noteUnreadable(offset: number, error: unknown): void {
    this.#note(offset, unreadable(error))
  }

  onStart(logStartOffset: number): void {
    this.#logStartOffset = logStartOffset
    for (const end of this.#damaged.keys()) if (end <= logStartOffset) this.#damaged.delete(end)
  }

  /**
   * Returns whole batches for a client, from the one with `fromOffset` on; see `Storage.readBatches`.
   *
   * @throws KafkaError CORRUPT_MESSAGE when the first of them is known to be damaged, or is no batch; a known later one
   *   ends the result
   * @throws StorageError when the disk cannot read the first of them
   */
  forClient(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    if (this.#damaged.size > 0) return this.#sound(fromOffset, untilOffset, maxBytes, atLeastOne)
    const bytes = this.#read(fromOffset, untilOffset, maxBytes, atLeastOne)
    // Readers can verify the others by their lengths. They would take this one for cut off.
    if (bytes.length === 0) return bytes
    this.#noting(fromOffset, () => readRecordBatchHeader(bytes))
    const placed = this.#placedBytes(bytes, fromOffset)
    if (placed === 0) this.#noting(fromOffset, () => refuse(bytes, fromOffset, untilOffset))
    return placed < bytes.length ? bytes.subarray(0, placed) : bytes
  }

  prepareRead(fromOffset: number, untilOffset: number, maxBytes: number): Promise<void> | undefined {
    const offset = Math.max(fromOffset, this.#logStartOffset)
    return this.#storage.prepareRead?.(this.#logId, offset, untilOffset, maxBytes, true)
  }

  /**
   * Returns the next verified batches before an offset, at least one if there is one; the caller owns their bytes.
   *
   * @throws KafkaError CORRUPT_MESSAGE when the first of them is damaged; a later one ends the result
   * @throws StorageError when the disk cannot read the first of them
   */
  batchesFrom(fromOffset: number, untilOffset: number, maxBytes: number): ReadBatch[] {
    const offset = Math.max(fromOffset, this.#logStartOffset)
    const bytes = offset < untilOffset ? this.#sound(offset, untilOffset, maxBytes, true) : noBytes
    const batches: ReadBatch[] = []
    for (let position = 0; position < bytes.length;) {
      const header = readRecordBatchHeader(bytes, position)
      batches.push({ header, batch: bytes.subarray(position, position + header.sizeInBytes) })
      position += header.sizeInBytes
    }
    return batches
  }

  /** All batches between two offsets known to be close together; for larger ranges use `LogScan`. */
  *batchesBetween(fromOffset: number, untilOffset: number): Generator<ReadBatch> {
    for (let offset = fromOffset; ;) {
      const batches = this.batchesFrom(offset, untilOffset, sliceBytes)
      const last = batches.at(-1)
      if (!last) return
      yield* batches
      offset = last.header.lastOffset + 1
    }
  }

  /** The known damage at an offset, if any. */
  damageAt(offset: number): Damage | undefined {
    for (const damage of this.#damaged.values()) if (damage.offset <= offset && offset < damage.endOffset) return damage
    return undefined
  }

  #sound(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    const bytes = this.#read(fromOffset, untilOffset, maxBytes, atLeastOne)
    if (bytes.length === 0) return bytes
    const placed = bytes.subarray(0, this.#placedBytes(bytes, fromOffset))
    const { soundBytes, endOffset } = soundRecordBatches(placed, { fromOffset, untilOffset })
    // Throws the fault.
    if (soundBytes === 0) this.#noting(fromOffset, () => refuse(bytes, fromOffset, untilOffset))
    this.#forget(fromOffset, endOffset)
    return soundBytes === bytes.length ? bytes : bytes.subarray(0, soundBytes)
  }

  /**
   * The length up to the first batch that says another offset than the index. Checksums do not cover offsets, so nobody
   * else would notice: readers would mix up its records with others, or go on somewhere else.
   */
  #placedBytes(bytes: Uint8Array, fromOffset: number): number {
    let nextOffset: number | undefined
    for (const { position, baseOffset, lastOffset } of batchPlaces(bytes)) {
      // A wrong batch in a row of batches would have to agree with all that follow it.
      const isNext = baseOffset === nextOffset && lastOffset >= baseOffset
      if (!isNext && !this.#isLastOffset(lastOffset, nextOffset ?? fromOffset)) return position
      nextOffset = lastOffset + 1
    }
    return bytes.length
  }

  /** Whether the batch that holds an offset, or the one after it, ends there. */
  #isLastOffset(lastOffset: number, offset: number): boolean {
    try {
      return (this.#storage.lastOffsetOfBatch(this.#logId, offset) ?? lastOffset) === lastOffset
    } catch {
      return true
    }
  }

  /** If the disk cannot read all of it, reads only the first batch: only that one may be refused. */
  #read(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    const read = (bytes: number): Uint8Array =>
      this.#storage.readBatches(this.#logId, fromOffset, untilOffset, bytes, atLeastOne || bytes < maxBytes)
    try {
      return read(maxBytes)
    } catch {
      try {
        const first = read(1)
        return atLeastOne || first.length <= maxBytes ? first : noBytes
      } catch (cause) {
        this.noteUnreadable(fromOffset, cause)
        if (StorageError.is(cause)) throw cause
        throw new StorageError(unreadable(cause), { cause, retriable: false, outcome: 'failed' })
      }
    }
  }

  #noting(offset: number, check: () => void): void {
    try {
      check()
    } catch (error) {
      if (isKafkaError(error, 'CORRUPT_MESSAGE')) this.#note(offset, error.message)
      throw error
    }
  }

  #note(offset: number, message: string): void {
    if (!this.damageAt(offset)) this.#add({ offset, endOffset: this.#endOfBatch(offset), message })
  }

  #add(damage: Damage): void {
    const isNew = !this.#damaged.has(damage.endOffset)
    this.#damaged.set(damage.endOffset, damage)
    if (isNew) this.#onDamage(damage)
  }

  /** The disk may have read wrongly only once. */
  #forget(fromOffset: number, endOffset: number): void {
    for (const [end, damage] of this.#damaged) {
      if (damage.offset < fromOffset) continue
      if (end <= endOffset) this.#damaged.delete(end)
      else if (damage.offset < endOffset) this.#damaged.set(end, { ...damage, offset: endOffset })
    }
  }

  /** The end of the batch with an offset. The batch itself is damaged, but the storage knows. */
  #endOfBatch(offset: number): number {
    try {
      return (this.#storage.lastOffsetOfBatch(this.#logId, offset) ?? offset) + 1
    } catch {
      return offset + 1
    }
  }
}

function unreadable(cause: unknown): string {
  return `it cannot be read: ${messageOf(cause)}`
}

/** @throws KafkaError CORRUPT_MESSAGE with the fault of the first batch */
function refuse(bytes: Uint8Array, fromOffset: number, untilOffset: number): never {
  const header = readRecordBatchHeader(bytes)
  verifyChecksum(bytes, header)
  const { baseOffset, lastOffset } = header
  throw errorOfCode('CORRUPT_MESSAGE', {
    detail:
      `the record batch says that it holds the offsets ${baseOffset} to ${lastOffset}, ` +
      `and lies among those from ${fromOffset} to ${untilOffset - 1}`,
  })
}
