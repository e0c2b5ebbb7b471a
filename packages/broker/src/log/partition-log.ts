import { assignAppendTime, assignOffset, type RecordBatchHeader, readRecordBatchHeader } from '@kafkado/core/internal'
import type { Storage, StorageChanges } from '../storage/storage.ts'
import { ProducerState } from './producer-state.ts'

/** A new entry of the time index comes after this many bytes of batches. */
const timeIndexIntervalBytes = 64 * 1024
const scanBytes = 1024 * 1024

/** Called when readable bytes were added, or with 0 when the log is gone and waiting has no point. */
export type LogListener = (addedBytes: number) => void

/** The running maximum of the timestamps, of which the time index holds samples. */
interface TimeState {
  maxTimestamp: number
  bytesSinceEntry: number
}

/**
 * The log of one partition. Offsets are given out in the order of `append`; a batch can be read once it is durable, when
 * the high watermark passes it.
 */
export class PartitionLog {
  /** There is one broker and it never changes, so neither does its epoch. */
  static readonly leaderEpoch = 0

  readonly logId: number
  readonly producers = new ProducerState()
  logStartOffset: number
  /** The offset that the next record gets. */
  logEndOffset: number
  /** The offset before which everything is durable: readers stop here. */
  highWatermark: number
  readonly #storage: Storage
  readonly #listeners = new Set<LogListener>()
  #timeState: TimeState | undefined
  #readableMaxTimestamp = -1

  constructor(storage: Storage, logId: number, logStartOffset = 0) {
    this.#storage = storage
    this.logId = logId
    this.logStartOffset = logStartOffset
    this.logEndOffset = Math.max(storage.lastOffset(logId) + 1, logStartOffset)
    this.highWatermark = this.logEndOffset
  }

  /** The offset before which every transaction is decided. */
  get lastStableOffset(): number {
    return this.highWatermark
  }

  /** The greatest timestamp among the records that can be read; it may be that of a record already deleted. −1: none. */
  get maxTimestamp(): number {
    this.#restoreTimeState()
    return this.#readableMaxTimestamp
  }

  /**
   * Gives a checked batch its place and adds it to the unit.
   *
   * @param batch its bytes, which are changed and kept
   * @param appendTimeMs the time to stamp it with, where the topic does that
   */
  append(
    changes: StorageChanges,
    batch: Uint8Array,
    header: RecordBatchHeader,
    nowMs: number,
    appendTimeMs?: number,
  ): number {
    const baseOffset = this.logEndOffset
    const lastOffset = baseOffset + header.lastOffsetDelta
    const maxTimestamp = appendTimeMs ?? header.maxTimestamp
    assignOffset(batch, baseOffset, PartitionLog.leaderEpoch)
    if (appendTimeMs !== undefined) assignAppendTime(batch, appendTimeMs)
    this.#indexTime(changes, baseOffset, batch.length, maxTimestamp)
    changes.batches.push({ logId: this.logId, lastOffset, bytes: batch })
    if (header.producerId >= 0) {
      const producer = this.producers.append(header, baseOffset, appendTimeMs ?? -1, nowMs)
      changes.put('producer', [this.logId, header.producerId], producer)
    }
    this.logEndOffset = lastOffset + 1
    changes.afterCommit.push(() => this.#advance(lastOffset + 1, batch.length, maxTimestamp))
    return baseOffset
  }

  /** Whole batches from the one that holds `fromOffset` on; see `Storage.readBatches`. */
  read(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    return this.#storage.readBatches(this.logId, fromOffset, untilOffset, maxBytes, atLeastOne)
  }

  /** Where to begin to look for the first record of at least that timestamp: all before it are older. */
  scanStart(timestamp: number): number {
    return Math.max(this.#storage.timeIndexBefore(this.logId, timestamp)?.baseOffset ?? 0, this.logStartOffset)
  }

  /** The headers of the batches between two offsets, each with its bytes. */
  *batchesBetween(
    fromOffset: number,
    untilOffset: number,
  ): Generator<{ header: RecordBatchHeader; batch: Uint8Array }> {
    for (let offset = fromOffset; offset < untilOffset;) {
      const bytes = this.read(offset, untilOffset, scanBytes, true)
      if (bytes.length === 0) return
      for (let position = 0; position < bytes.length;) {
        const header = readRecordBatchHeader(bytes, position)
        yield { header, batch: bytes.subarray(position, position + header.sizeInBytes) }
        position += header.sizeInBytes
        offset = header.lastOffset + 1
      }
    }
  }

  listen(listener: LogListener): void {
    this.#listeners.add(listener)
  }

  unlisten(listener: LogListener): void {
    this.#listeners.delete(listener)
  }

  get listenerCount(): number {
    return this.#listeners.size
  }

  /** Wakes everyone who waits, because the log was deleted. */
  abandon(): void {
    for (const listener of this.#listeners) listener(0)
  }

  #advance(highWatermark: number, addedBytes: number, maxTimestamp: number): void {
    this.highWatermark = highWatermark
    if (maxTimestamp > this.#readableMaxTimestamp) this.#readableMaxTimestamp = maxTimestamp
    for (const listener of this.#listeners) listener(addedBytes)
  }

  #indexTime(changes: StorageChanges, baseOffset: number, sizeInBytes: number, maxTimestamp: number): void {
    const state = this.#restoreTimeState()
    if (state.bytesSinceEntry >= timeIndexIntervalBytes) {
      changes.timeIndexEntries.push({ logId: this.logId, maxTimestamp: state.maxTimestamp, baseOffset })
      state.bytesSinceEntry = 0
    }
    state.bytesSinceEntry += sizeInBytes
    if (maxTimestamp > state.maxTimestamp) state.maxTimestamp = maxTimestamp
  }

  /** After a restart the running maximum is found from the last entry of the index and the few batches after it. */
  #restoreTimeState(): TimeState {
    if (this.#timeState) return this.#timeState
    const entry = this.#storage.timeIndexBefore(this.logId, Number.MAX_SAFE_INTEGER)
    const state: TimeState = { maxTimestamp: entry?.maxTimestamp ?? -1, bytesSinceEntry: 0 }
    for (const { header } of this.batchesBetween(
      Math.max(entry?.baseOffset ?? 0, this.logStartOffset),
      this.logEndOffset,
    )) {
      state.bytesSinceEntry += header.sizeInBytes
      state.maxTimestamp = Math.max(state.maxTimestamp, header.maxTimestamp)
    }
    this.#readableMaxTimestamp = state.maxTimestamp
    this.#timeState = state
    return state
  }
}
