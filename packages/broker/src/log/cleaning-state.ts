import type { RecordBatchHeader } from '@kafkado/core/internal'
import type { StoredCleaning } from '../storage/metadata-record.ts'
import type { Changes } from '../records/changes.ts'
import type { LogIndex } from './log-index.ts'
import type { LogScan, ReadBatch } from './log-scan.ts'

/** A batch after cleaning; null: nothing is left. */
export interface RewrittenBatch {
  readonly header: Pick<RecordBatchHeader, 'lastOffset' | 'sizeInBytes'>
  readonly bytes: Uint8Array | null
}

/** How many bytes are removed when a log begins later; see `CleaningState.measure`. */
export interface MeasuredRemoval {
  readonly from: number
  readonly logStartOffset: number
  readonly version: number
  readonly bytes: number
}

/** The progress of compaction in one log, and the remaining bytes: the index only knows everything ever appended. */
export class CleaningState {
  readonly #logId: number
  readonly #index: LogIndex
  #stored: StoredCleaning = { cleanedOffset: 0, rewritten: { baseOffset: 0, position: 0, bytes: 0 }, passes: [] }
  /** The sizes of batches after the rewriting unit is durable, by their last offset. */
  readonly #sizesToCome = new Map<number, number>()
  /** Changes with each rewriting. */
  #version = 0

  constructor(logId: number, index: LogIndex) {
    this.#logId = logId
    this.#index = index
  }

  replay(stored: StoredCleaning): void {
    this.#stored = stored
    this.#index.onRewritten(stored.rewritten)
  }

  get cleanedOffset(): number {
    return this.#stored.cleanedOffset
  }

  get passes(): StoredCleaning['passes'] {
    return this.#stored.passes
  }

  get rewritten(): StoredCleaning['rewritten'] {
    return this.#stored.rewritten
  }

  /**
   * The remaining bytes between the start of the log and a position in its index. The position must not lie before the
   * rewritten part.
   */
  bytesUntil(position: number): number {
    const { rewritten } = this
    const { start } = this.#index
    if (rewritten.baseOffset <= start.baseOffset) return position - start.position
    return rewritten.bytes + position - rewritten.position
  }

  /** Notes that batches before an offset are going to be rewritten, in the first unit that does. */
  begin(changes: Changes, baseOffset: number): void {
    if (baseOffset <= this.rewritten.baseOffset) return
    const position = this.#index.positionOf(baseOffset)
    this.#put(changes, { rewritten: { baseOffset, position, bytes: this.bytesUntil(position) } })
  }

  /**
   * Adds the remaining batches to the unit, which must be committed at once. Batches deleted meanwhile do not come
   * back.
   */
  rewrite(changes: Changes, batches: readonly RewrittenBatch[]): void {
    this.#version++
    const there = batches.filter(({ header }) => header.lastOffset >= this.#index.start.baseOffset)
    let removedBytes = 0
    for (const { header, bytes } of there) {
      const { lastOffset, sizeInBytes } = header
      const left = bytes?.length ?? 0
      changes.replacedBatches.push({ logId: this.#logId, lastOffset, bytes })
      this.#sizesToCome.set(lastOffset, left)
      removedBytes += sizeInBytes - left
    }
    changes.afterCommit.push(() => {
      for (const { header } of there) this.#sizesToCome.delete(header.lastOffset)
    })
    if (removedBytes > 0) this.#lessen(changes, removedBytes)
  }

  /** Whether the log, from that start on, has rewritten batches. */
  hasRewritten(logStartOffset: number): boolean {
    return this.rewritten.baseOffset > logStartOffset
  }

  /**
   * Measures how many bytes are removed when a log begins later; only its batches tell. Undefined if nobody needs it.
   */
  async measure(scan: LogScan, logStartOffset: number): Promise<MeasuredRemoval | undefined> {
    while (this.hasRewritten(logStartOffset) && !scan.isOver) {
      const [from, version] = [this.#index.start.baseOffset, this.#version]
      let bytes = 0
      for await (const slice of scan.slices(from, logStartOffset)) bytes += this.#sizeOf(slice)
      const measured = { from, logStartOffset, version, bytes }
      if (!scan.isOver && this.measuredBytes(logStartOffset, measured) !== undefined) return measured
    }
    return undefined
  }

  /** The measured bytes, if nothing has changed since. */
  measuredBytes(logStartOffset: number, measured: MeasuredRemoval | undefined): number | undefined {
    const isSo =
      measured?.logStartOffset === logStartOffset &&
      measured.from === this.#index.start.baseOffset &&
      measured.version === this.#version
    return isSo ? measured.bytes : undefined
  }

  /** Subtracts deleted rewritten batches, or that many bytes of them. */
  remove(changes: Changes, removed: Iterable<Pick<ReadBatch, 'header'>> | number): void {
    this.#lessen(changes, typeof removed === 'number' ? removed : this.#sizeOf(removed))
  }

  /** Everything before the offset has been cleaned. */
  finish(changes: Changes, cleanedOffset: number, passes: StoredCleaning['passes']): void {
    this.#put(changes, { cleanedOffset, passes })
  }

  #sizeOf(batches: Iterable<Pick<ReadBatch, 'header'>>): number {
    let bytes = 0
    for (const { header } of batches) bytes += this.#sizesToCome.get(header.lastOffset) ?? header.sizeInBytes
    return bytes
  }

  #lessen(changes: Changes, removedBytes: number): void {
    const { rewritten } = this
    this.#put(changes, { rewritten: { ...rewritten, bytes: rewritten.bytes - removedBytes } })
  }

  #put(changes: Changes, change: Partial<StoredCleaning>): void {
    changes.put('cleaner', [this.#logId], { ...this.#stored, ...change })
  }
}
