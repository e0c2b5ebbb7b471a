import { basename, dirname } from 'node:path'
import { type Clock, StorageError, type Timer } from '@kafkado/core'

const lookEveryMs = 400

/** A file that an open storage relies on. */
export interface WatchedFile {
  readonly path: string
  /** Whether the path still leads to that file. Without an answer, it counts as gone. */
  isInPlace(): Promise<boolean>
  /** Whether the storage still relies on it. */
  isUsed(): boolean
}

/**
 * Checks from time to time whether the files of a storage are still in their folder. A deleted file accepts writes as
 * if nothing were wrong, and they are gone with the process. Without the file of the lock, another process may have
 * taken the folder.
 */
export class FolderWatch {
  readonly #files: () => readonly WatchedFile[]
  readonly #clock: Clock
  readonly #onGone: (error: StorageError) => void
  #timer: Timer | undefined
  #isOver = false

  /** @param onGone called once, with the reason why nothing may be written any more */
  constructor(clock: Clock, files: () => readonly WatchedFile[], onGone: (error: StorageError) => void) {
    this.#files = files
    this.#clock = clock
    this.#onGone = onGone
    this.#schedule()
  }

  /** Checks at once. Call it before writes that do not wait for the next check, such as those of a close. */
  async check(): Promise<void> {
    const gone = await this.#gone()
    if (gone === undefined || this.#isOver) return
    this.stop()
    this.#onGone(removed(gone.path))
  }

  stop(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }

  #schedule(): void {
    this.#timer = this.#clock.schedule(lookEveryMs, () => void this.#look(), 'background')
  }

  async #look(): Promise<void> {
    await this.check()
    if (!this.#isOver) this.#schedule()
  }

  async #gone(): Promise<WatchedFile | undefined> {
    for (const file of this.#files()) {
      const isInPlace = await file.isInPlace().catch(() => false)
      if (!isInPlace && file.isUsed()) return file
    }
    return undefined
  }
}

function removed(path: string): StorageError {
  return new StorageError(
    `the file ${basename(path)} is no longer in ${dirname(path)}: somebody has removed or replaced it. No more is ` +
      'written until a restart',
    { retriable: false, outcome: 'unknown' },
  )
}
