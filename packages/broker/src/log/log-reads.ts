import { isKafkaError, StorageError } from '@kafkado/core'
import { errorOfCode, readRecordBatchHeader, soundRecordBatches, verifyChecksum } from '@kafkado/core/internal'
import type { Storage } from '../storage/storage.ts'
import { batchPlaces } from './batch-places.ts'
import { type ReadBatch, type ScannedLog, sliceBytes } from './log-scan.ts'

const noBytes: Uint8Array = new Uint8Array(0)

/** A batch that is not as it was written, or several of which the storage no longer knows where they lie. */
export interface Damage {
  /** From which offset on it was found, and where the next batch begins. */
  readonly offset: number
  readonly endOffset: number
  readonly message: string
}

/**
 * What is read of a log. What goes to clients is not compared with its checksums: clients do that, and the scrubber
 * goes through everything in the background. Whatever the engine itself goes by is compared: else compaction would
 * write what is damaged anew, with a checksum that is right. And once damage is known in a log, everything that is read
 * of it is compared, until it is gone: deleted, or sound after all.
 */
export class LogReads implements ScannedLog {
  readonly #storage: Storage
  readonly #logId: number
  readonly #onDamage: (damage: Damage) => void
  readonly #damaged = new Map<number, Damage>()
  #logStartOffset = 0

  /** @param onDamage is told of each damaged batch once */
  constructor(storage: Storage, logId: number, onDamage: (damage: Damage) => void) {
    this.#storage = storage
    this.#logId = logId
    this.#onDamage = onDamage
  }

  /** How many batches are known to be damaged. */
  get damagedBatches(): number {
    return this.#damaged.size
  }

  /** Takes note of what the storage cannot even read. */
  noteUnreadable(offset: number, error: unknown): void {
    this.#note(offset, unreadable(error))
  }

  onStart(logStartOffset: number): void {
    this.#logStartOffset = logStartOffset
    for (const end of this.#damaged.keys()) if (end <= logStartOffset) this.#damaged.delete(end)
  }

  /**
   * Whole batches for a client, from the one that holds `fromOffset` on; see `Storage.readBatches`.
   *
   * @throws KafkaError CORRUPT_MESSAGE when the first of them is known to be damaged, or no batch; a later one that is
   *   known ends what is read
   * @throws StorageError when the disk does not give the first of them out
   */
  forClient(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    if (this.#damaged.size > 0) return this.#sound(fromOffset, untilOffset, maxBytes, atLeastOne)
    const bytes = this.#read(fromOffset, untilOffset, maxBytes, atLeastOne)
    // By the others their length leads readers to what they can compare; this one they would take for cut off.
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
   * The next batches before an offset, at least one if there is one, all as they were written; their bytes are the
   * caller's.
   *
   * @throws KafkaError CORRUPT_MESSAGE when the first of them is damaged; a later one ends what is read
   * @throws StorageError when the disk does not give the first of them out
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

  /** All batches between two offsets that are known to lie close together; for others there is `LogScan`. */
  *batchesBetween(fromOffset: number, untilOffset: number): Generator<ReadBatch> {
    for (let offset = fromOffset; ;) {
      const batches = this.batchesFrom(offset, untilOffset, sliceBytes)
      const last = batches.at(-1)
      if (!last) return
      yield* batches
      offset = last.header.lastOffset + 1
    }
  }

  /** The damage that an offset lies in; undefined when none is known. */
  damageAt(offset: number): Damage | undefined {
    for (const damage of this.#damaged.values()) if (damage.offset <= offset && offset < damage.endOffset) return damage
    return undefined
  }

  #sound(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    const bytes = this.#read(fromOffset, untilOffset, maxBytes, atLeastOne)
    if (bytes.length === 0) return bytes
    const placed = bytes.subarray(0, this.#placedBytes(bytes, fromOffset))
    const { soundBytes, endOffset } = soundRecordBatches(placed, { fromOffset, untilOffset })
    // Says what is wrong with it.
    if (soundBytes === 0) this.#noting(fromOffset, () => refuse(bytes, fromOffset, untilOffset))
    this.#forget(fromOffset, endOffset)
    return soundBytes === bytes.length ? bytes : bytes.subarray(0, soundBytes)
  }

  /**
   * Up to the first batch that says another offset than it has. Checksums do not cover that, so nobody else would
   * notice: readers would take its records for others, or go on somewhere else.
   */
  #placedBytes(bytes: Uint8Array, fromOffset: number): number {
    let nextOffset: number | undefined
    for (const { position, baseOffset, lastOffset } of batchPlaces(bytes)) {
      // Where they follow one another, one that lies would have to agree with all behind it.
      const isNext = baseOffset === nextOffset && lastOffset >= baseOffset
      if (!isNext && !this.#isLastOffset(lastOffset, nextOffset ?? fromOffset)) return position
      nextOffset = lastOffset + 1
    }
    return bytes.length
  }

  /** Whether the batch that holds an offset, or is the next one, ends there. */
  #isLastOffset(lastOffset: number, offset: number): boolean {
    try {
      return (this.#storage.lastOffsetOfBatch(this.#logId, offset) ?? lastOffset) === lastOffset
    } catch {
      return true
    }
  }

  /** Of what the disk does not give out as a whole, the first batch alone: only that may be refused. */
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

  /** A disk may have read wrongly once. */
  #forget(fromOffset: number, endOffset: number): void {
    for (const [end, damage] of this.#damaged) {
      if (damage.offset < fromOffset) continue
      if (end <= endOffset) this.#damaged.delete(end)
      else if (damage.offset < endOffset) this.#damaged.set(end, { ...damage, offset: endOffset })
    }
  }

  /** Where the batch ends that holds an offset. It cannot be asked itself, but the storage knows. */
  #endOfBatch(offset: number): number {
    try {
      return (this.#storage.lastOffsetOfBatch(this.#logId, offset) ?? offset) + 1
    } catch {
      return offset + 1
    }
  }
}

function unreadable(cause: unknown): string {
  return `it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
}

/** @throws KafkaError CORRUPT_MESSAGE with what is wrong with the first batch */
function refuse(bytes: Uint8Array, fromOffset: number, untilOffset: number): never {
  const header = readRecordBatchHeader(bytes)
  verifyChecksum(bytes, header)
  const { baseOffset, lastOffset } = header
  throw errorOfCode('CORRUPT_MESSAGE', {
    detail:
      `the record batch says that it holds the offsets ${baseOffset} to ${lastOffset}, and lies among those` +
      ` from ${fromOffset} to ${untilOffset - 1}`,
  })
}
