import {
  defaultMaxDecompressedBytes,
  type RecordBatchHeader,
  type RecordVisitor,
  RecordWalk,
  type UnpackedRecordBatch,
  yieldToEventLoop,
} from '@kafkado/core/internal'
import { Unpacking } from './unpacking.ts'

/** The bytes read and processed before others get their turn: about a millisecond's work. */
export const sliceBytes = 256 * 1024
/** The records visited before others get their turn: about a millisecond's work, too. */
const recordsAtATime = 20_000

/** A readable log; see `PartitionLog`. */
export interface ScannedLog {
  prepareRead(fromOffset: number, untilOffset: number, maxBytes: number): Promise<void> | undefined
  batchesFrom(fromOffset: number, untilOffset: number, maxBytes: number): ReadBatch[]
}

export interface ReadBatch {
  readonly header: RecordBatchHeader
  readonly batch: Uint8Array
}

/**
 * Reads a log for as long as it takes, without blocking others. Anything may happen to the log between two slices:
 * deleted records are skipped, appended ones lie behind the end of the scan, and `isOver` ends the scan when nobody
 * needs it any more. Check `isOver` before using a result.
 */
export class LogScan {
  readonly #log: ScannedLog
  readonly #isOver: () => boolean
  readonly #unpacking: Unpacking
  readonly #sliceBytes: number
  #workedBytes = 0

  /**
   * @param isOver whether the log or the caller is gone
   * @param unpacking of the engine, for scans that read records
   * @param bytes the size of a slice; for tests
   */
  constructor(
    log: ScannedLog,
    isOver: () => boolean = () => false,
    unpacking: Unpacking = new Unpacking(),
    bytes: number = sliceBytes,
  ) {
    this.#log = log
    this.#isOver = isOver
    this.#unpacking = unpacking
    this.#sliceBytes = bytes
  }

  get isOver(): boolean {
    return this.#isOver()
  }

  /** The batches between two offsets, in slices; each may exceed the size by one batch. */
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

  /**
   * Visits all records of a batch.
   *
   * The engine's limit for unpacked batches may have been higher when the batch was appended, so the readers' limit
   * counts.
   *
   * @param use what to do with them afterwards
   */
  async visit(
    { header, batch }: ReadBatch,
    visit: RecordVisitor,
    use?: (unpacked: UnpackedRecordBatch) => Promise<void>,
  ): Promise<void> {
    await this.#unpacking.use(batch, header, defaultMaxDecompressedBytes, async (unpacked) => {
      for (const walk = new RecordWalk(unpacked); walk.visit(visit, recordsAtATime);) await yieldToEventLoop()
      const turn = this.worked(unpacked.bytes.length)
      if (turn) await turn
      if (use) await use(unpacked)
    })
  }

  /** Counts work besides the reading; returns a promise when it is the others' turn. */
  worked(bytes: number): Promise<void> | undefined {
    this.#workedBytes += bytes
    // Most slices are a little shorter than the limit.
    if (this.#workedBytes < this.#sliceBytes / 2) return undefined
    this.#workedBytes = 0
    return yieldToEventLoop()
  }
}
