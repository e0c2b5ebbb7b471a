import type { RecordBatchHeader } from '@kafkado/core/internal'
import type { Storage, StorageChanges } from '../storage/storage.ts'

/** A new index entry follows after this many bytes of batches. */
const intervalBytes = 64 * 1024

/** A place in a log: an offset, and how many bytes were ever appended before it. */
export interface IndexPlace {
  readonly baseOffset: number
  readonly position: number
}

type ScanBatches = (fromOffset: number, untilOffset: number) => Iterable<{ header: RecordBatchHeader }>

interface RunningState {
  /** The greatest timestamp so far. Timestamps need not grow, but their running maximum does. */
  maxTimestamp: number
  /** The bytes of all batches ever appended. */
  position: number
  lastEntryPosition: number
}

/** Finds places in one log by time and by size, from samples every 64 KiB. */
export class LogIndex {
  readonly #storage: Storage
  readonly #logId: number
  readonly #scan: ScanBatches
  #start: IndexPlace = { baseOffset: 0, position: 0 }
  /** The end of the part that cleaning may have shrunk. */
  #rewritten: IndexPlace = { baseOffset: 0, position: 0 }
  #state: RunningState | undefined

  constructor(storage: Storage, logId: number, scan: ScanBatches) {
    this.#storage = storage
    this.#logId = logId
    this.#scan = scan
  }

  /** Notes the start of the log. */
  onStart(start: IndexPlace): void {
    this.#start = start
  }

  /**
   * Notes a place; batches before it may be smaller than when they were appended. Their present sizes say nothing about
   * positions. So positions behind it are counted from there, and those before it are only as exact as the samples.
   */
  onRewritten(place: IndexPlace): void {
    this.#rewritten = place
  }

  /** Notes a batch that is about to be appended. */
  append(changes: StorageChanges, baseOffset: number, sizeInBytes: number, maxTimestamp: number): void {
    const state = this.restore(baseOffset)
    if (state.position - state.lastEntryPosition >= intervalBytes) {
      changes.indexEntries.push({
        logId: this.#logId,
        baseOffset,
        maxTimestamp: state.maxTimestamp,
        position: state.position,
      })
      state.lastEntryPosition = state.position
    }
    state.position += sizeInBytes
    if (maxTimestamp > state.maxTimestamp) state.maxTimestamp = maxTimestamp
  }

  /** After a restart, finds the running state from the last entry and the few batches after it. */
  restore(logEndOffset: number): RunningState {
    if (this.#state) return this.#state
    const entry = this.#storage.indexEntryBeforeTimestamp(this.#logId, Number.MAX_SAFE_INTEGER)
    const from = this.#after(entry)
    const exact = this.#exact(from, logEndOffset)
    const { position } = exact
    const state: RunningState = { maxTimestamp: entry?.maxTimestamp ?? -1, position, lastEntryPosition: from.position }
    for (const { header } of this.#scan(from.baseOffset, logEndOffset)) {
      if (header.lastOffset >= exact.baseOffset) state.position += header.sizeInBytes
      state.maxTimestamp = Math.max(state.maxTimestamp, header.maxTimestamp)
    }
    this.#state = state
    return state
  }

  /** An offset; all records before it are older. */
  offsetBefore(timestamp: number): number {
    return this.#storage.indexEntryBeforeTimestamp(this.#logId, timestamp)?.baseOffset ?? 0
  }

  /** The bytes ever appended before an offset. */
  positionOf(offset: number): number {
    const from = this.#exact(this.#after(this.#storage.indexEntryAtOrBefore(this.#logId, offset)), offset)
    let { position } = from
    for (const { header } of this.#scan(from.baseOffset, offset)) position += header.sizeInBytes
    return position
  }

  /** The offset of the last batch with at most that many bytes before it. */
  offsetAtPosition(wanted: number, logEndOffset: number): number {
    const { baseOffset } = this.#start
    const entry = this.#after(this.#storage.indexEntryAtOrBeforePosition(this.#logId, baseOffset, wanted))
    let { position, baseOffset: offset } = entry
    for (const { header } of this.#scan(entry.baseOffset, logEndOffset)) {
      position += header.sizeInBytes
      if (position > wanted) break
      offset = header.lastOffset + 1
    }
    return offset
  }

  /** The start of the log. */
  get start(): IndexPlace {
    return this.#start
  }

  /** An entry only counts from the start of the log on: the part before is being removed. */
  #after(entry: IndexPlace | undefined): IndexPlace {
    return entry && entry.baseOffset > this.#start.baseOffset ? entry : this.#start
  }

  /** A place from which batches up to an offset have their original sizes: the given one, or a later one. */
  #exact(place: IndexPlace, offset: number): IndexPlace {
    const { baseOffset } = this.#rewritten
    return baseOffset > place.baseOffset && baseOffset <= offset ? this.#rewritten : place
  }
}
