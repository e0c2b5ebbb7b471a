import { type RecordBatchHeader, yieldToEventLoop } from '@kafkado/core/internal'

/** So many bytes are read, and worked on, before everybody else has a turn: about a millisecond's work. */
export const sliceBytes = 256 * 1024

/** What is read of a log; see `PartitionLog`. */
export interface ScannedLog {
  prepareRead(fromOffset: number, untilOffset: number, maxBytes: number): Promise<void> | undefined
  batchesFrom(fromOffset: number, untilOffset: number, maxBytes: number): ReadBatch[]
}

export interface ReadBatch {
  readonly header: RecordBatchHeader
  readonly batch: Uint8Array
}

/**
 * Reads a log for as long as it takes, without holding up anybody. Between two slices anything may happen to the log:
 * what is deleted meanwhile is passed over, what is appended lies behind where the scan ends, and when there is nobody
 * any more to scan for, `isOver` ends it. Whoever goes by what a scan has found looks at `isOver` first.
 */
export class LogScan {
  readonly #log: ScannedLog
  readonly #isOver: () => boolean
  readonly #sliceBytes: number
  #workedBytes = 0

  /**
   * @param isOver whether the log is gone, or whoever asked
   * @param bytes how long a slice is; for tests
   */
  constructor(log: ScannedLog, isOver: () => boolean = () => false, bytes: number = sliceBytes) {
    this.#log = log
    this.#isOver = isOver
    this.#sliceBytes = bytes
  }

  get isOver(): boolean {
    return this.#isOver()
  }

  /** The batches between two offsets, in slices; each may be larger than the others by one batch. */
  async *slices(fromOffset: number, untilOffset: number): AsyncGenerator<readonly ReadBatch[]> {
    for (let offset = fromOffset; offset < untilOffset && !this.isOver;) {
      const near = this.#log.prepareRead(offset, untilOffset, this.#sliceBytes)
      if (near) await near
      if (this.isOver) return
      const slice = this.#log.batchesFrom(offset, untilOffset, this.#sliceBytes)
      const last = slice.at(-1)
      if (!last) return
      yield slice
      offset = last.header.lastOffset + 1
      const turn = this.worked(slice.reduce((sum, { batch }) => sum + batch.length, 0))
      if (turn) await turn
    }
  }

  /** Takes note of work beside the reading; a promise when it is time for a turn of the others. */
  worked(bytes: number): Promise<void> | undefined {
    this.#workedBytes += bytes
    // Slices are mostly a little shorter than they may be.
    if (this.#workedBytes < this.#sliceBytes / 2) return undefined
    this.#workedBytes = 0
    return yieldToEventLoop()
  }
}
