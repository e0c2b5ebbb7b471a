const mebibyte = 1024 * 1024

/** How large what a journal writes may become. */
export class JournalSizes {
  readonly #unit: number

  /** @param unit smaller ones are for tests, in which all that large journals do has to happen */
  constructor(unit: number = mebibyte) {
    this.#unit = unit
  }

  /** A frame is written when it is that long. */
  get frameBytes(): number {
    return this.#unit / 4
  }

  /** How much is looked through for what counts before others have their turn. */
  get stepBytes(): number {
    return this.#unit / 4
  }

  /**
   * A file is ended when it is that long, and the next one begun: an eighth of what counts, so that there are few
   * files, and one can be given up without much space for what is moved out of it.
   */
  fullFileBytes(liveBytes: number): number {
    return Math.min(1024 * this.#unit, Math.max(4 * this.#unit, liveBytes / 8))
  }

  /**
   * A last file that is no longer is copied when the folder is opened, so that restarts do not leave many short ones.
   */
  smallFileBytes(liveBytes: number): number {
    return Math.min(16 * this.#unit, this.fullFileBytes(liveBytes) / 4)
  }

  /** Whether files take so much more than what counts in them that room is to be given back. */
  isWasteful(totalBytes: number, liveBytes: number): boolean {
    return totalBytes > liveBytes * 1.8 + this.#unit / 4
  }

  /**
   * Whether so much was written since the last snapshot that to read it takes longer than to make and read another one.
   */
  isSnapshotDue(unindexedBytes: number, snapshotBytes: number): boolean {
    return unindexedBytes > Math.max(8 * this.#unit, 2 * snapshotBytes)
  }

  /** Whether it is worth a snapshot when the folder is closed: less is read within a millisecond. */
  isSnapshotUseful(unindexedBytes: number): boolean {
    return unindexedBytes > this.#unit / 16
  }
}

/** For each byte that is written so many are looked through for what counts, while room is to be given back. */
export const lookedThroughPerWritten = 4
