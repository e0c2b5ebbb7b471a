import { SingleFlight } from '@kafkado/core/internal'
import { snapshotNumber, writeSnapshot } from './index-snapshot.ts'
import { stateFileName } from './file-head.ts'
import { GivingUp } from './giving-up.ts'
import { lookedThroughPerWritten } from './journal-sizes.ts'
import type { StateFile } from './journal-files.ts'
import { removeFile } from './removal.ts'
import type { UpkeepParts } from './upkeep-parts.ts'

/** What a journal does by itself, beside what it is asked to write: gives back room, and makes snapshots. */
export class Upkeep {
  readonly #parts: UpkeepParts
  #unneeded: readonly string[]
  #givingUp: GivingUp | undefined
  /** How many bytes are still to be looked through for what was written. */
  #owedBytes = 0
  #seenBytes = 0
  /** How many bytes of frames no snapshot has. */
  #unindexedBytes: number
  #snapshotBytes = 0
  /** Once through all files that there are: up to the newest one, and what they took, with what came since. */
  #round: { readonly lastId: number; bytes: number } | undefined
  /** What files take at least, as a round has shown that gave back next to nothing. */
  #leastBytes = 0
  readonly #working = new SingleFlight()
  #isStopped = false

  /** @param unneeded files that can go @param replayedBytes of frames that no snapshot has */
  constructor(parts: UpkeepParts, unneeded: readonly string[], replayedBytes: number) {
    this.#parts = parts
    this.#unneeded = unneeded
    this.#unindexedBytes = replayedBytes
  }

  /** Does what there is to do, and looks once more if it does so already. */
  start(): void {
    if (this.#isStopped) return
    // What fails is tried again after the next write, which tells what is wrong.
    void this.#working.again(() => this.#work().catch(() => undefined))
  }

  /** Ends between two steps. */
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

  /** Whether files are to be given up; but not when that was of no use, and little was written since. */
  get #isRoomToGiveBack(): boolean {
    const { sizes, state } = this.#parts
    const { totalBytes, liveBytes } = state.files
    return totalBytes > this.#leastBytes * 1.25 && sizes.isWasteful(totalBytes, liveBytes)
  }

  /** Takes note of what was written since the last time. */
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
    // What others have written until it had its turn.
    this.#count()
    this.#round ??= { lastId: state.files.newest.id, bytes: state.files.totalBytes }
    if (state.files.oldest === state.files.newest) {
      await writer.requireOwner()
      await writer.nextFile()
    }
    const givingUp = this.#givingUp ?? new GivingUp(this.#parts)
    // What a step that fails has looked through is looked through once more.
    this.#givingUp = undefined
    do await this.#step(givingUp)
    while (!givingUp.isDone && this.#owedBytes > 0 && !this.#isStopped)
    if (!givingUp.isDone) this.#givingUp = givingUp
    else {
      await this.#giveUp(givingUp.file)
      this.#endRound()
    }
    // What it has written itself is no reason to do more.
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

  /** Says that a file is not needed any more, and removes it. */
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

  /** Files go when what is there without them is durable. */
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
