import { batchOverheadBytes, crc32c, recordBatchFieldsAt as at, recordBatchHeaderBytes } from '@kafkado/core/internal'
import type { LogIndexEntry, StorageChanges } from '../storage.ts'

/** Batches of one log, in order. Their bytes are back to back in the payload. */
export interface BatchRun {
  readonly logId: number
  readonly lastOffsets: number[]
  readonly lengths: number[]
  /** See {@link batchCheck}. */
  readonly checks: number[]
  /** Set only for batches about to be written. */
  readonly bytes: Uint8Array[]
}

/** A batch copied by cleaning. It counts if the batch is still in its former place. */
export interface Move {
  readonly logId: number
  readonly lastOffset: number
  readonly from: number
  readonly bytes: Uint8Array
}

export interface Removal {
  readonly logId: number
  /** Null: the whole log. */
  readonly beforeOffset: number | null
}

/** A stored record: key and value in JSON, null for a removed one. */
export interface TextRecord {
  readonly key: string
  readonly value: string | null
}

/** The unit of one waiting caller. */
export type JournalUnit =
  | { readonly changes: StorageChanges }
  | { readonly removal: Removal }
  | { readonly moves: readonly Move[] }

/**
 * The operations of a frame, in this order: batches are appended, then others replaced, removed one by one, moved; then
 * the rest. Within a frame, no two of these concern the same batch, except removals, which therefore end a frame.
 */
export class FrameOperations {
  readonly appended: BatchRun[] = []
  readonly replaced: BatchRun[] = []
  readonly removedBatches: (readonly [logId: number, lastOffset: number])[] = []
  readonly moved: BatchRun[] = []
  /** The former place of each batch in `moved`, in the same order. */
  readonly movedFrom: number[][] = []
  readonly indexEntries: LogIndexEntry[] = []
  readonly records: TextRecord[] = []
  readonly removals: Removal[] = []

  static of(units: readonly JournalUnit[]): FrameOperations {
    const operations = new FrameOperations()
    const appended = new RunsByLog(operations.appended)
    for (const unit of units) {
      if ('changes' in unit) operations.#add(unit.changes, appended)
      else if ('removal' in unit) operations.removals.push(unit.removal)
      else operations.#addMoves(unit.moves)
    }
    return operations
  }

  #add({ batches, replacedBatches, indexEntries, records }: StorageChanges, appended: RunsByLog): void {
    for (const { logId, lastOffset, bytes } of batches) addBatch(appended.of(logId), lastOffset, bytes)
    for (const { logId, lastOffset, bytes } of replacedBatches) {
      if (bytes) addBatch(lastRun(this.replaced, logId, lastOffset), lastOffset, bytes)
      else this.removedBatches.push([logId, lastOffset])
    }
    for (const entry of indexEntries) this.indexEntries.push(entry)
    for (const { kind, path, value } of records)
      this.records.push({
        key: JSON.stringify([kind, ...path]),
        value: value === null ? null : JSON.stringify(value),
      })
  }

  #addMoves(moves: readonly Move[]): void {
    for (const { logId, lastOffset, from, bytes } of moves) {
      const run = lastRun(this.moved, logId, lastOffset)
      if (this.movedFrom.length < this.moved.length) this.movedFrom.push([])
      this.movedFrom.at(-1)?.push(from)
      addBatch(run, lastOffset, bytes)
    }
  }
}

/** Keeps the batches of a log together, whoever sent them, so that readers of the log need few long reads. */
class RunsByLog {
  readonly #runs: BatchRun[]
  readonly #byLog = new Map<number, BatchRun>()
  #last: BatchRun | undefined

  constructor(runs: BatchRun[]) {
    this.#runs = runs
  }

  of(logId: number): BatchRun {
    if (this.#last?.logId === logId) return this.#last
    let run = this.#byLog.get(logId)
    if (!run) {
      run = emptyRun(logId)
      this.#byLog.set(logId, run)
      this.#runs.push(run)
    }
    this.#last = run
    return run
  }
}

export function emptyRun(logId: number): BatchRun {
  return { logId, lastOffsets: [], lengths: [], checks: [], bytes: [] }
}

/** The last run if the batch continues it; otherwise a new one. */
function lastRun(runs: BatchRun[], logId: number, lastOffset: number): BatchRun {
  const last = runs.at(-1)
  if (last?.logId === logId && (last.lastOffsets.at(-1) as number) < lastOffset) return last
  const run = emptyRun(logId)
  runs.push(run)
  return run
}

function addBatch({ lastOffsets, lengths, checks, bytes }: BatchRun, lastOffset: number, batch: Uint8Array): void {
  lastOffsets.push(lastOffset)
  lengths.push(batch.length)
  checks.push(batchCheck(batch))
  bytes.push(batch)
}

/**
 * The checksum of a batch in a frame. Kafka's record batches have their own checksum over everything behind the header,
 * which the engine has verified; a checksum over the header, which includes that one, covers them. Other bytes are
 * covered entirely.
 */
function batchCheck(batch: Uint8Array): number {
  return crc32c(batch, 0, isRecordBatch(batch) ? recordBatchHeaderBytes : batch.length)
}

/** Whether a batch is unchanged since it was written. */
export function isSound(batch: Uint8Array, check: number): boolean {
  if (batchCheck(batch) !== check) return false
  return !isRecordBatch(batch) || crc32c(batch, at.attributes) === readU32(batch, at.crc)
}

function isRecordBatch(batch: Uint8Array): boolean {
  if (batch.length < recordBatchHeaderBytes || batch[at.magic] !== 2) return false
  return readU32(batch, at.batchLength) + batchOverheadBytes === batch.length
}

function readU32(bytes: Uint8Array, position: number): number {
  const at = (index: number): number => bytes[position + index] as number
  return ((at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)) >>> 0
}
