import { SingleFlight } from '@kafkado/core/internal'
import { snapshotNumber, writeSnapshot } from './index-snapshot.ts'
import { stateFileName } from './file-head.ts'
import { GivingUp } from './giving-up.ts'
import { lookedThroughPerWritten } from './journal-sizes.ts'
import type { StateFile } from './journal-files.ts'
import { removeFile } from './removal.ts'
import type { UpkeepParts } from './upkeep-parts.ts'

/** The background work of a journal: frees space, and makes snapshots. */
export class Upkeep {
  readonly #parts: UpkeepParts
  #unneeded: readonly string[]
  #givingUp: GivingUp | undefined
  /** How many bytes must still be examined for the bytes written. */
  #owedBytes = 0
  #seenBytes = 0
  /** How many bytes of frames no snapshot has. */
  #unindexedBytes: number
  #snapshotBytes = 0
  /**
   * One round through all files that exist now, up to the newest one; and the bytes of these files plus later writes.
   */
  #round: { readonly lastId: number; bytes: number } | undefined
  /** The least bytes that files take, after a round that freed next to nothing. */
  #leastBytes = 0
  readonly #working = new SingleFlight()
  #isStopped = false

  /** @param unneeded files that can be removed @param replayedBytes of frames that no snapshot has */
  constructor(parts: UpkeepParts, unneeded: readonly string[], replayedBytes: number) {
    this.#parts = parts
    this.#unneeded = unneeded
    this.#unindexedBytes = replayedBytes
  }

  /** Starts the pending work; if it is running, it will check once more. */
  start(): void {
    if (this.#isStopped) return
    // A failure is retried after the next write, which reports the fault.
    void this.#working.again(() => this.#work().catch(() => undefined))
  }

  /** Stops between two steps. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#working.idle()
  }

  /** Makes a snapshot for the next start, if that saves more than it costs. */
  async snapshotAtEnd(): Promise<void> {
    this.#count()
    if (this.#parts.sizes.isSnapshotUseful(this.#unindexedBytes)) await this.#makeSnapshot()
  }

  async #work(): Promise<void> {
    const { inTurn, sizes } = this.#parts
    await inTurn(() => this.#removeUnneeded())
    while (!this.#isStopped) {
      this.#count()
      if (this.#givingUp || this.#isRoomToGiveBack) await inTurn(() => this.#giveBackRoom())
      else if (sizes.isSnapshotDue(this.#unindexedBytes, this.#snapshotBytes)) await inTurn(() => this.#makeSnapshot())
      else break
    }
  }

  /** Whether to give up files. Not if that was of no use and little was written since. */
  get #isRoomToGiveBack(): boolean {
    const { sizes, state } = this.#parts
    const { totalBytes, liveBytes } = state.files
    return totalBytes > this.#leastBytes * 1.25 && sizes.isWasteful(totalBytes, liveBytes)
  }

  /** Counts the writes since the last time. */
  #count(): void {
    const { writtenBytes } = this.#parts.writer
    const more = writtenBytes - this.#seenBytes
    this.#seenBytes = writtenBytes
    this.#unindexedBytes += more
    if (this.#round) this.#round.bytes += more
    this.#owedBytes = Math.max(0, this.#owedBytes) + more * lookedThroughPerWritten
  }

  async #giveBackRoom(): Promise<void> {
    const { state, writer } = this.#parts
    // Writes of others until its turn.
    this.#count()
    this.#round ??= { lastId: state.files.newest.id, bytes: state.files.totalBytes }
    if (state.files.oldest === state.files.newest) {
      await writer.requireOwner()
      await writer.nextFile()
    }
    const givingUp = this.#givingUp ?? new GivingUp(this.#parts)
    // The bytes that a failed step has examined are examined again.
    this.#givingUp = undefined
    do await this.#step(givingUp)
    while (!givingUp.isDone && this.#owedBytes > 0 && !this.#isStopped)
    if (!givingUp.isDone) this.#givingUp = givingUp
    else {
      givingUp.requireUnused()
      await this.#giveUp(givingUp.file)
      this.#endRound()
    }
    // Its own writes cause no further work.
    this.#unindexedBytes += writer.writtenBytes - this.#seenBytes
    this.#seenBytes = writer.writtenBytes
  }

  #endRound(): void {
    const { oldest, totalBytes } = this.#parts.state.files
    if (!this.#round || oldest.id <= this.#round.lastId) return
    this.#leastBytes = totalBytes > (this.#round.bytes * 15) / 16 ? totalBytes : 0
    this.#round = undefined
  }

  async #step(givingUp: GivingUp): Promise<void> {
    await this.#parts.writer.write(async (unit) => {
      this.#owedBytes -= await givingUp.move(unit)
      return { checkpoint: this.#parts.state.checkpoint }
    })
  }

  /** Records that a file is no longer needed, and removes it. */
  async #giveUp(file: StateFile): Promise<void> {
    const { files, checkpoint } = this.#parts.state
    files.remove(file)
    try {
      await this.#parts.writer.write(() => Promise.resolve({ checkpoint }))
    } catch (error) {
      files.add(file)
      throw error
    }
    await file.file.close()
    this.#unneeded = [...this.#unneeded, stateFileName(file.number)]
    await this.#removeUnneeded()
  }

  /** Files are removed once the state without them is durable. */
  async #removeUnneeded(): Promise<void> {
    if (this.#unneeded.length === 0) return
    await this.#parts.writer.sync()
    await this.#parts.writer.requireOwner()
    const requireOwner = (): Promise<void> => this.#parts.writer.requireOwner()
    for (const name of this.#unneeded) await removeFile(this.#parts.folder, name, requireOwner)
    this.#unneeded = []
  }

  async #makeSnapshot(): Promise<void> {
    await this.#parts.writer.requireOwner()
    this.#snapshotBytes = await writeSnapshot(this.#parts.folder, this.#parts.state)
    this.#unindexedBytes = 0
    const { number } = this.#parts.state.files.newest
    for (const name of await this.#parts.folder.names())
      if ((snapshotNumber(name) ?? number) < number) await this.#parts.folder.remove(name)
  }
}
