import { join } from 'node:path'
import { type Runtime, StorageError } from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import { BatchReads, type ReadRange } from './batch-reads.ts'
import { CheckpointWriter } from './checkpoint-writer.ts'
import { Cleaning } from './cleaning.ts'
import { ColdReads } from './cold-reads.ts'
import { FolderWatch, type WatchedFile } from '../folder-watch.ts'
import { journalName } from './file-head.ts'
import type { JournalUnit, Removal } from './frame-operations.ts'
import { FrameWriter } from './frame-writer.ts'
import { GroupCommit } from './group-commit.ts'
import type { JournalFiles } from './journal-files.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { JournalLimits } from './journal-limits.ts'
import type { JournalState } from './journal-state.ts'
import { type OpenJournal, openJournal } from './open-journal.ts'

/** An open journal: one writer, and the work that tidies up. */
export class Journal {
  readonly state: JournalState
  readonly #opened: OpenJournal
  readonly #writer: FrameWriter
  readonly #commits: GroupCommit
  readonly #checkpoint: CheckpointWriter
  readonly #cleaning: Cleaning
  readonly #watch: FolderWatch
  readonly #coldReads: ColdReads
  readonly #limits: JournalLimits
  /** The last result for a reader that waits until its range is near. */
  #prepared:
    | { readonly sequence: number; readonly logId: number; readonly range: ReadRange; readonly reads: BatchReads }
    | undefined
  #isClosing = false
  /** The tidying work, one after the other. */
  readonly #tidying = new SingleFlight()

  /** @param lock the file that keeps other processes away, if there is one */
  static async open(
    folder: JournalFolder,
    runtime: Runtime,
    limits: JournalLimits,
    lock: WatchedFile | undefined,
  ): Promise<Journal> {
    return new Journal(folder, runtime, limits, lock, await openJournal(folder, runtime.random))
  }

  private constructor(
    folder: JournalFolder,
    { clock, random }: Runtime,
    limits: JournalLimits,
    lock: WatchedFile | undefined,
    opened: OpenJournal,
  ) {
    const { state, file, note, checkpoints, newest } = opened
    this.#opened = opened
    this.state = state
    this.#limits = limits
    this.#writer = new FrameWriter({
      folder,
      state,
      file,
      note,
      random,
      limits,
      onFileBegun: () => void this.#tidy(),
    })
    this.#commits = new GroupCommit(
      (units) => this.#write(units),
      clock,
      () => this.#watch.stop(),
    )
    this.#coldReads = new ColdReads(folder)
    this.#checkpoint = new CheckpointWriter(folder, state, checkpoints, newest)
    this.#cleaning = new Cleaning(
      folder,
      state,
      (unit) => this.#commits.add(unit),
      () => this.#isOver,
    )
    this.#watch = new FolderWatch(
      clock,
      () => [currentFile(folder, state.files), ...(lock ? [lock] : [])],
      (error) => this.#commits.fail(error),
    )
  }

  /** See `Storage.readBatches`; undefined if there is no such log. */
  read(logId: number, range: ReadRange): Uint8Array | undefined {
    const reads = this.#readsOf(logId, range)
    return reads && (this.#coldReads.take(reads) ?? reads.readSync())
  }

  /** The batches for a reader, and their places. */
  #readsOf(logId: number, range: ReadRange): BatchReads | undefined {
    const { files, logs, sequence } = this.state
    const prepared = this.#prepared
    if (prepared?.sequence === sequence && prepared.logId === logId && isSame(prepared.range, range))
      return prepared.reads
    const batches = logs.get(logId)?.batches
    return batches && BatchReads.of(files, batches, range)
  }

  /** See `Storage.prepareRead`. The first batch decides for all: those behind it are mostly younger. */
  prepareRead(logId: number, range: ReadRange): Promise<void> | undefined {
    const { logs, end, sequence } = this.state
    const address = logs.get(logId)?.batches.firstAtLeast(range[0])?.[1]
    if (address === undefined || address >= end - this.#limits.warmBytes) return undefined
    const reads = this.#readsOf(logId, range)
    // Stays right while nothing is applied.
    this.#prepared = reads && { sequence, logId, range, reads }
    return reads && this.#coldReads.bring(reads)
  }

  get failure(): StorageError | undefined {
    return this.#commits.failure
  }

  get writtenBytes(): number {
    return this.#writer.writtenBytes + this.#checkpoint.writtenBytes
  }

  commit(unit: JournalUnit): Promise<void> {
    return this.#commits.add(unit)
  }

  /** Removes a bounded slice; resolves to whether nothing is left. */
  async remove(removal: Removal): Promise<boolean> {
    const slice = this.state.sliceOf(removal)
    if (slice) await this.#commits.add({ removal: slice.removal })
    return slice?.isLast ?? true
  }

  /** Frees space if enough of it is unused. */
  async reclaim(): Promise<void> {
    const { files } = this.state
    const { length, liveBytes } = files.last
    const idleBytes = length - liveBytes
    // With a new file, the present one can be cleaned.
    if (idleBytes >= this.#limits.minReclaimedBytes && liveBytes * 2 <= length) {
      this.#writer.beginFile()
      await this.#commits.add({ moves: [] })
    }
    // It waits no longer than that: under load there is always more to tidy up.
    await this.#tidying.present?.catch(() => undefined)
    if (this.#hasDeadFiles || this.#cleaning.isNeeded) await this.#tidy()
  }

  /** Frees all unused space, whatever the copies cost. */
  async compact(): Promise<void> {
    this.#writer.beginFile()
    await this.#commits.add({ moves: [] })
    // It must run alone, rather than join other work.
    while (this.#tidying.present) await this.#tidying.idle()
    await this.#tidying.join(() => this.#cleaning.runAll().then(() => this.#makeCheckpoint()))
  }

  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    await this.#commits.idle()
    await this.#tidying.idle()
    await this.#watch.check()
    this.#watch.stop()
    try {
      if (!this.#commits.failure) {
        await this.#writer.trim()
        if (this.#checkpoint.isNeeded) await this.#makeCheckpoint()
      }
    } finally {
      this.#opened.close()
    }
  }

  async #write(units: readonly JournalUnit[]): Promise<void> {
    await this.#writer.write(units)
    const { memory, metadata } = this.state
    const { newRows, newMetadata } = this.#limits
    if (memory.newRows > newRows || metadata.changedLength > newMetadata) void this.#tidy()
  }

  get #hasDeadFiles(): boolean {
    const { files } = this.state
    return files.all.some((known) => known !== files.last && known.liveBytes === 0)
  }

  /** Makes a checkpoint and cleans in the background; once more if requested meanwhile. Never rejects. */
  #tidy(): Promise<void> {
    return this.#tidying.again(() => this.#tidyUp())
  }

  async #tidyUp(): Promise<void> {
    if (this.#isOver) return
    try {
      await this.#makeCheckpoint()
      if (this.#cleaning.isNeeded) await this.#cleaning.run()
      // It removes the files that are now empty.
      if (this.#hasDeadFiles && !this.#isOver) await this.#makeCheckpoint()
    } catch (cause) {
      this.#commits.fail(StorageError.is(cause) ? cause : untidy(cause))
    }
  }

  get #isOver(): boolean {
    return this.#isClosing || this.#commits.failure !== undefined
  }

  async #makeCheckpoint(): Promise<void> {
    try {
      await this.#checkpoint.write()
    } catch (error) {
      // Without room, everything stays as it is; the next checkpoint is tried when there is more to store.
      if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

/** The file being written, to watch. */
function currentFile(folder: JournalFolder, files: JournalFiles): WatchedFile {
  const { head, file } = files.last
  const name = journalName(head.number)
  return {
    path: join(folder.path, name),
    isInPlace: async () => file === undefined || folder.holds(name, file),
    isUsed: () => files.last.head === head,
  }
}

function isSame(one: ReadRange, other: ReadRange): boolean {
  return one.every((value, index) => value === other[index])
}

function untidy(cause: unknown): StorageError {
  return new StorageError(`the journal could not be tidied up: ${String(cause)}; no more is written until a restart`, {
    cause,
    retriable: false,
    outcome: 'unknown',
  })
}
