import type { Clock, Timer } from '@kafkado/core'
import { journalName } from './file-head.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { JournalFiles } from './journal-files.ts'

const lookEveryMs = 400

/**
 * Checks from time to time whether the current file is still in the folder. A deleted file accepts writes as if nothing
 * were wrong, and they are gone with the process.
 */
export class FolderWatch {
  readonly #folder: JournalFolder
  readonly #files: JournalFiles
  readonly #clock: Clock
  readonly #onGone: (name: string) => void
  #timer: Timer | undefined

  /** @param onGone called once, with the file's name */
  constructor(folder: JournalFolder, files: JournalFiles, clock: Clock, onGone: (name: string) => void) {
    this.#folder = folder
    this.#files = files
    this.#clock = clock
    this.#onGone = onGone
    this.#schedule()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(): void {
    this.#timer = this.#clock.schedule(lookEveryMs, () => void this.#look(), 'background')
  }

  async #look(): Promise<void> {
    const { head, file } = this.#files.last
    const name = journalName(head.number)
    const isThere = file === undefined || (await this.#folder.holds(name, file).catch(() => false))
    if (this.#timer === undefined) return
    if (isThere || this.#files.last.head !== head) this.#schedule()
    else this.#onGone(name)
  }
}
