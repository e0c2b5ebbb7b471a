const mebibyte = 1024 * 1024

/** Limits of sizes in a journal. */
export class JournalSizes {
  readonly #unit: number

  /** @param unit smaller for tests, so that little data causes the same events as much */
  constructor(unit: number = mebibyte) {
    this.#unit = unit
  }

  /** A frame of this length is written. */
  get frameBytes(): number {
    return this.#unit / 4
  }

  /** How much is examined before others get their turn. */
  get stepBytes(): number {
    return this.#unit / 4
  }

  /**
   * The length at which a file ends and the next one begins: an eighth of the bytes in use. So there are few files, and
   * giving one up needs little space for the copies.
   */
  fullFileBytes(liveBytes: number): number {
    return Math.min(1024 * this.#unit, Math.max(4 * this.#unit, liveBytes / 8))
  }

  /**
   * A last file up to this length is copied when the folder is opened, so that restarts do not leave many short files.
   */
  smallFileBytes(liveBytes: number): number {
    return Math.min(16 * this.#unit, this.fullFileBytes(liveBytes) / 4)
  }

  /** Whether the files have so much unused space that some should be freed. */
  isWasteful(totalBytes: number, liveBytes: number): boolean {
    return totalBytes > liveBytes * 1.8 + this.#unit / 4
  }

  /**
   * Whether so much was written since the last snapshot that reading it takes longer than making and reading a new
   * snapshot.
   */
  isSnapshotDue(unindexedBytes: number, snapshotBytes: number): boolean {
    return unindexedBytes > Math.max(8 * this.#unit, 2 * snapshotBytes)
  }

  /** Whether a snapshot at the close is worth it: smaller amounts are read within a millisecond. */
  isSnapshotUseful(unindexedBytes: number): boolean {
    return unindexedBytes > this.#unit / 16
  }
}

/** How many bytes to examine for each written byte while space is being freed. */
export const lookedThroughPerWritten = 4
