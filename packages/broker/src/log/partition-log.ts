import type { Clock } from '@kafkado/core'
import {
  assignAppendTime,
  assignOffset,
  buildControlBatch,
  type ControlRecordType,
  type RecordBatchHeader,
  readRecordBatchHeader,
} from '@kafkado/core/internal'
import type { StoredLog, StoredProducer } from '../storage/metadata-record.ts'
import type { Storage, StorageChanges } from '../storage/storage.ts'
import { AbortedTransactions } from './aborted-transactions.ts'
import { BatchRefusal } from './batch-validation.ts'
import { CleaningState } from './cleaning-state.ts'
import { LogIndex } from './log-index.ts'
import { ProducerState } from './producer-state.ts'
import { checkedBatches, type ReadBatches } from './read-batches.ts'

const scanBytes = 1024 * 1024
/** Offsets are numbers, which are exact up to 2^53 - 1. What is left after these is for the markers of transactions. */
const endOfRecords = Number.MAX_SAFE_INTEGER - 2 ** 20
const newLog: StoredLog = { logStartOffset: 0, startPosition: 0 }

/**
 * Called when readable bytes were added; with Infinity when waiting has no point any more, because the log is gone or a transaction
 * was decided.
 */
export type LogListener = (addedBytes: number) => void

/**
 * The log of one partition. Offsets are given out in the order of `append`; a batch can be read once it is durable, when
 * the high watermark passes it.
 */
export class PartitionLog {
  /** There is one broker and it never changes, so neither does its epoch. */
  static readonly leaderEpoch = 0

  readonly logId: number
  readonly producers: ProducerState
  readonly aborted: AbortedTransactions
  readonly index: LogIndex
  readonly cleaning: CleaningState
  logStartOffset: number
  /** The offset that the next record gets. */
  logEndOffset: number
  /** The offset before which everything is durable: readers stop here. */
  highWatermark: number
  readonly #storage: Storage
  readonly #listeners = new Set<LogListener>()
  /** Where the transactions begin that are open, or whose end is not durable yet; ascending, because offsets only grow. */
  readonly #undecided = new Set<number>()
  #readableMaxTimestamp: number | undefined

  constructor(storage: Storage, clock: Clock, logId: number, { logStartOffset, startPosition }: StoredLog = newLog) {
    this.#storage = storage
    this.producers = new ProducerState(clock)
    this.logId = logId
    this.logStartOffset = logStartOffset
    this.logEndOffset = Math.max(storage.lastOffset(logId) + 1, logStartOffset)
    this.highWatermark = this.logEndOffset
    this.aborted = new AbortedTransactions(logId)
    this.index = new LogIndex(storage, logId, { baseOffset: logStartOffset, position: startPosition }, (from, until) =>
      this.batchesBetween(from, until),
    )
    this.cleaning = new CleaningState(logId, this.index)
  }

  /** The offset before which every transaction is decided. */
  get lastStableOffset(): number {
    for (const first of this.#undecided) return Math.max(Math.min(first, this.highWatermark), this.logStartOffset)
    return this.highWatermark
  }

  /** The greatest timestamp among the records that can be read; it may be that of a record already deleted. −1: none. */
  get maxTimestamp(): number {
    this.#readableMaxTimestamp ??= this.index.restore(this.logEndOffset).maxTimestamp
    return this.#readableMaxTimestamp
  }

  /** The bytes of all batches that can be read. */
  get sizeInBytes(): number {
    return this.cleaning.bytesUntil(this.index.restore(this.logEndOffset).position)
  }

  /** Reads what was kept of producers; in the order in which their transactions began. */
  restoreProducers(producers: readonly (readonly [producerId: number, producer: StoredProducer])[]): void {
    const starts: number[] = []
    for (const [producerId, producer] of producers) {
      this.producers.restore(producerId, producer)
      if (producer.transactionStartOffset !== null) starts.push(producer.transactionStartOffset)
    }
    for (const start of starts.sort((left, right) => left - right)) this.#undecided.add(start)
  }

  /** @throws BatchRefusal when the log has no offsets left for the records */
  checkRoom({ lastOffsetDelta }: RecordBatchHeader): void {
    if (this.logEndOffset + lastOffsetDelta < endOfRecords) return
    const message = `the partition has come to offset ${this.logEndOffset}, and there are none left for ${lastOffsetDelta + 1} records: offsets end at 2^53 - 1`
    throw new BatchRefusal('INVALID_RECORD', message)
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
    if (appendTimeMs !== undefined) assignAppendTime(batch, appendTimeMs)
    const { producerId } = header
    const isOpening =
      header.isTransactional && (this.producers.get(producerId)?.transactionStartOffset ?? null) === null
    const baseOffset = this.#place(changes, batch, header, appendTimeMs ?? header.maxTimestamp, batch.length)
    if (isOpening) this.#undecided.add(baseOffset)
    if (producerId >= 0) {
      const producer = this.producers.append(header, baseOffset, appendTimeMs ?? -1, nowMs)
      changes.put('producer', [this.logId, producerId], producer)
    }
    return baseOffset
  }

  /** Adds the marker that ends a producer's transaction here to the unit. */
  endTransaction(
    changes: StorageChanges,
    type: ControlRecordType,
    producerId: number,
    markerEpoch: number,
    nowMs: number,
  ): void {
    const start = this.producers.get(producerId)?.transactionStartOffset ?? null
    const marker = buildControlBatch(type, producerId, markerEpoch, nowMs)
    // Readers of committed records see the whole transaction appear at once, so they look again however much they wait for.
    changes.afterCommit.push(() => this.#undecided.delete(start ?? -1))
    const offset = this.#place(changes, marker, readRecordBatchHeader(marker), nowMs, Number.POSITIVE_INFINITY)
    const producer = this.producers.endTransaction(producerId, markerEpoch, nowMs)
    changes.put('producer', [this.logId, producerId], producer)
    if (type === 'abort' && start !== null) this.aborted.add(changes, producerId, start, offset)
  }

  /** Moves the start of the log; what lies before can no longer be reached and is to be removed after the commit. */
  advanceStart(changes: StorageChanges, logStartOffset: number): void {
    // When all that was rewritten goes, its size is not asked for any more.
    if (this.cleaning.rewritten.baseOffset > logStartOffset)
      this.cleaning.remove(changes, this.batchesBetween(this.logStartOffset, logStartOffset))
    const startPosition = this.index.advanceStart(logStartOffset)
    this.logStartOffset = logStartOffset
    this.aborted.trim(changes, logStartOffset)
    changes.put('log', [this.logId], { logStartOffset, startPosition })
    changes.put('trim', [this.logId], { beforeOffset: logStartOffset })
  }

  /**
   * Whole batches from the one that holds `fromOffset` on, checksums verified; see `Storage.readBatches`.
   *
   * @throws KafkaError CORRUPT_MESSAGE when the first of them is damaged; a later one ends what is read
   */
  read(fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): ReadBatches {
    return checkedBatches(this.#storage.readBatches(this.logId, fromOffset, untilOffset, maxBytes, atLeastOne))
  }

  /** Where to begin to look for the first record of at least that timestamp: all before it are older. */
  scanStart(timestamp: number): number {
    return Math.max(this.index.offsetBefore(timestamp), this.logStartOffset)
  }

  /** The headers of the batches between two offsets, each with its bytes. */
  *batchesBetween(
    fromOffset: number,
    untilOffset: number,
  ): Generator<{ header: RecordBatchHeader; batch: Uint8Array }> {
    for (let offset = Math.max(fromOffset, this.logStartOffset); offset < untilOffset;) {
      const { bytes } = this.read(offset, untilOffset, scanBytes, true)
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

  /** Removes everything that was kept, because the partition was deleted; the batches go after the commit. Whoever waits is woken. */
  forget(changes: StorageChanges): void {
    changes.put('log', [this.logId], null)
    changes.put('cleaner', [this.logId], null)
    for (const [producerId] of this.producers.entries()) changes.put('producer', [this.logId, producerId], null)
    this.aborted.trim(changes, Number.MAX_SAFE_INTEGER)
    changes.put('trim', [this.logId], { beforeOffset: null })
    this.#wake(Number.POSITIVE_INFINITY)
  }

  /**
   * Reads what appending needs and does not have since a restart.
   *
   * @throws KafkaError CORRUPT_MESSAGE when it cannot be read
   */
  prepareAppend(): void {
    this.index.restore(this.logEndOffset)
  }

  #place(
    changes: StorageChanges,
    batch: Uint8Array,
    { lastOffsetDelta }: RecordBatchHeader,
    maxTimestamp: number,
    wakingBytes: number,
  ): number {
    const baseOffset = this.logEndOffset
    const lastOffset = baseOffset + lastOffsetDelta
    assignOffset(batch, baseOffset, PartitionLog.leaderEpoch)
    this.index.append(changes, baseOffset, batch.length, maxTimestamp)
    changes.batches.push({ logId: this.logId, lastOffset, bytes: batch })
    this.logEndOffset = lastOffset + 1
    changes.afterCommit.push(() => {
      this.highWatermark = lastOffset + 1
      if (this.#readableMaxTimestamp !== undefined && maxTimestamp > this.#readableMaxTimestamp)
        this.#readableMaxTimestamp = maxTimestamp
      this.#wake(wakingBytes)
    })
    return baseOffset
  }

  #wake(addedBytes: number): void {
    for (const listener of this.#listeners) listener(addedBytes)
  }
}
