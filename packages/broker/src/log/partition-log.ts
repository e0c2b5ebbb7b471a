import type { Clock } from '@kafkado/core'
import {
  assignAppendTime,
  assignOffset,
  buildControlBatch,
  type ControlRecordType,
  type RecordBatchHeader,
  readRecordBatchHeader,
} from '@kafkado/core/internal'
import type { Changes } from '../records/changes.ts'
import { Refusal } from '../refusals/refusal.ts'
import type { MetadataRecord, StoredLog, StoredProducer } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'
import { AbortedTransactions } from './aborted-transactions.ts'
import { CleaningState, type MeasuredRemoval } from './cleaning-state.ts'
import { LogIndex } from './log-index.ts'
import { type Damage, LogReads } from './log-reads.ts'
import type { ReadBatch } from './log-scan.ts'
import { ProducerState } from './producer-state.ts'

/** Offsets are numbers, exact up to 2^53 - 1. The rest is reserved for the markers of transactions. */
const endOfRecords = Number.MAX_SAFE_INTEGER - 2 ** 20

/** The kinds of records that form a log, besides its batches. */
export type LogRecord =
  | MetadataRecord<'log'>
  | MetadataRecord<'producer'>
  | MetadataRecord<'aborted'>
  | MetadataRecord<'cleaner'>

/**
 * Called when readable bytes were added; with Infinity when waiting is pointless, because the log is gone or a
 * transaction was decided.
 */
export type LogListener = (addedBytes: number) => void

/**
 * The log of one partition. Offsets follow the order of `append`. A batch becomes readable when it is durable and the
 * high watermark passes it. Only `replay` of a record changes the state besides its batches.
 */
export class PartitionLog {
  /** There is one broker, so the epoch never changes. */
  static readonly leaderEpoch = 0

  readonly logId: number
  readonly reads: LogReads
  readonly producers: ProducerState
  readonly aborted: AbortedTransactions
  readonly index: LogIndex
  readonly cleaning: CleaningState
  logStartOffset = 0
  /** The offset that the next record gets. */
  logEndOffset: number
  /** Everything before this offset is durable: readers stop here. */
  highWatermark: number
  /** The first batch that was young enough at the last check of retention. */
  firstYoung: Pick<RecordBatchHeader, 'baseOffset' | 'maxTimestamp'> | undefined
  readonly #listeners = new Set<LogListener>()
  /** The starts of transactions that are open, or whose end is not durable yet; ascending. */
  readonly #undecided: number[] = []
  #readableMaxTimestamp: number | undefined

  /** @param onDamage called with each batch found damaged */
  constructor(storage: Storage, clock: Clock, logId: number, onDamage: (damage: Damage) => void = () => undefined) {
    this.reads = new LogReads(storage, logId, onDamage)
    this.producers = new ProducerState(clock)
    this.logId = logId
    this.logEndOffset = storage.lastOffset(logId) + 1
    this.highWatermark = this.logEndOffset
    this.aborted = new AbortedTransactions(logId)
    this.index = new LogIndex(storage, logId, (from, until) => this.reads.batchesBetween(from, until))
    this.cleaning = new CleaningState(logId, this.index)
  }

  /** Every transaction before this offset is decided. */
  get lastStableOffset(): number {
    const first = this.#undecided[0] ?? Number.POSITIVE_INFINITY
    return Math.max(Math.min(first, this.highWatermark), this.logStartOffset)
  }

  /** The greatest timestamp of all readable records; its record may be deleted already. −1: none. */
  get maxTimestamp(): number {
    this.#readableMaxTimestamp ??= this.index.restore(this.logEndOffset).maxTimestamp
    return this.#readableMaxTimestamp
  }

  /** The bytes of all readable batches. */
  get sizeInBytes(): number {
    return this.cleaning.bytesUntil(this.index.restore(this.logEndOffset).position)
  }

  replay(record: LogRecord): void {
    if (record.kind === 'producer') this.#replayProducer(record.path[1], record.value)
    else if (record.kind === 'aborted') this.aborted.replay(record.path[1], record.value)
    // These two go only with the log, when nobody sees it any more.
    else if (record.kind === 'log' && record.value) this.#begin(record.value)
    else if (record.kind === 'cleaner' && record.value) this.cleaning.replay(record.value)
  }

  #replayProducer(producerId: number, producer: StoredProducer | null): void {
    this.producers.replay(producerId, producer)
    // An ended transaction stays undecided until its end is durable.
    if (producer && producer.transactionStartOffset !== null) this.#undecide(producer.transactionStartOffset)
  }

  /** Why the records do not fit, if no offsets are left for them. */
  refusalOf({ lastOffsetDelta }: RecordBatchHeader): Refusal | undefined {
    if (this.logEndOffset + lastOffsetDelta < endOfRecords) return undefined
    const message =
      `the partition has come to offset ${this.logEndOffset}, ` +
      `and there are none left for ${lastOffsetDelta + 1} records: offsets end at 2^53 - 1`
    return new Refusal('INVALID_RECORD', message)
  }

  /**
   * Gives a checked batch its place and adds it to the unit.
   *
   * @param batch its bytes, which the log changes and keeps
   * @param appendTimeMs the time to stamp it with, if the topic requires that
   */
  append(changes: Changes, batch: Uint8Array, header: RecordBatchHeader, nowMs: number, appendTimeMs?: number): number {
    if (appendTimeMs !== undefined) assignAppendTime(batch, appendTimeMs)
    const { producerId } = header
    const baseOffset = this.#place(changes, batch, header, appendTimeMs ?? header.maxTimestamp, batch.length)
    if (producerId >= 0) {
      const producer = this.producers.appended(header, baseOffset, appendTimeMs ?? -1, nowMs)
      changes.put('producer', [this.logId, producerId], producer)
    }
    return baseOffset
  }

  /** Adds the marker that ends a producer's transaction here to the unit. */
  endTransaction(
    changes: Changes,
    type: ControlRecordType,
    producerId: number,
    markerEpoch: number,
    nowMs: number,
  ): void {
    const start = this.producers.get(producerId)?.transactionStartOffset ?? null
    const marker = buildControlBatch(type, producerId, markerEpoch, nowMs)
    // Readers of committed records see the whole transaction appear at once, so they look again, however many bytes
    // they wait for.
    if (start !== null) changes.afterCommit.push(() => this.#decide(start))
    const offset = this.#place(changes, marker, readRecordBatchHeader(marker), nowMs, Number.POSITIVE_INFINITY)
    const producer = this.producers.ended(producerId, markerEpoch, nowMs)
    changes.put('producer', [this.logId, producerId], producer)
    if (type === 'abort' && start !== null) this.aborted.add(changes, producerId, start, offset)
  }

  /**
   * Moves the start of the log. Earlier records become unreachable, and are removed after the commit.
   *
   * @param measured from an earlier `CleaningState.measure`, if needed
   */
  advanceStart(changes: Changes, logStartOffset: number, measured?: MeasuredRemoval): void {
    // When everything rewritten goes, its size no longer matters.
    if (this.cleaning.hasRewritten(logStartOffset)) {
      const removed = (): Iterable<ReadBatch> => this.reads.batchesBetween(this.logStartOffset, logStartOffset)
      this.cleaning.remove(changes, this.cleaning.measuredBytes(logStartOffset, measured) ?? removed())
    }
    changes.put('log', [this.logId], { logStartOffset, startPosition: this.index.positionOf(logStartOffset) })
    this.aborted.trim(changes, logStartOffset)
    changes.put('trim', [this.logId], { beforeOffset: logStartOffset })
  }

  /** Where to start the search for the first record with at least that timestamp: all earlier records are older. */
  scanStart(timestamp: number): number {
    return Math.max(this.index.offsetBefore(timestamp), this.logStartOffset)
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

  /**
   * Removes all stored records of the log, because the partition was deleted; the batches go after the commit. Wakes
   * waiting readers.
   */
  forget(changes: Changes): void {
    changes.put('log', [this.logId], null)
    changes.put('cleaner', [this.logId], null)
    for (const [producerId] of this.producers.entries()) changes.put('producer', [this.logId, producerId], null)
    this.aborted.trim(changes, Number.MAX_SAFE_INTEGER)
    changes.put('trim', [this.logId], { beforeOffset: null })
    this.#wake(Number.POSITIVE_INFINITY)
  }

  /**
   * Reads state that appending needs and a restart has lost.
   *
   * @throws KafkaError CORRUPT_MESSAGE when it cannot be read
   */
  prepareAppend(): void {
    this.index.restore(this.logEndOffset)
  }

  #place(
    changes: Changes,
    batch: Uint8Array,
    { lastOffsetDelta }: RecordBatchHeader,
    maxTimestamp: number,
    wakingBytes: number,
  ): number {
    changes.admit()
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

  #begin({ logStartOffset, startPosition }: StoredLog): void {
    this.reads.onStart(logStartOffset)
    this.index.onStart({ baseOffset: logStartOffset, position: startPosition })
    this.logStartOffset = logStartOffset
    // After a restart, all batches before it may be gone, and with them the last offset.
    this.logEndOffset = Math.max(this.logEndOffset, logStartOffset)
    this.highWatermark = Math.max(this.highWatermark, logStartOffset)
  }

  /** Registers an open transaction. A start registers them in the order of their producers. */
  #undecide(start: number): void {
    // From the end, where new transactions begin: there may be very many.
    const before = this.#undecided.findLastIndex((one) => one <= start)
    if (before < 0 || this.#undecided[before] !== start) this.#undecided.splice(before + 1, 0, start)
  }

  #decide(start: number): void {
    const place = this.#undecided.indexOf(start)
    if (place >= 0) this.#undecided.splice(place, 1)
  }

  #wake(addedBytes: number): void {
    for (const listener of this.#listeners) listener(addedBytes)
  }
}
