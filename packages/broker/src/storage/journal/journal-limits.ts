/** Limits of sizes in a journal. Tests use small ones, so that little data causes many events. */
export interface JournalLimits {
  /** The length of a file before the next one begins, for this many bytes in use. */
  fileBytes(liveBytes: number): number
  /** How many zeros are written ahead of short frames. */
  readonly zerosAheadBytes: number
  /** A checkpoint is made before more new rows of tables than this are only in memory and in frames. */
  readonly newRows: number
  /** The same for metadata, in characters. */
  readonly newMetadata: number
  /** How many of the last written bytes count as being in the memory of the operating system. */
  readonly warmBytes: number
  /**
   * `reclaim` begins a new file when this many bytes of the last one are unused; otherwise it waits for the next file.
   */
  readonly minReclaimedBytes: number
}

const mebibyte = 1024 * 1024

export const journalLimits: JournalLimits = {
  // Small files while little is in use, so that a folder stays small.
  fileBytes: (liveBytes) => (liveBytes > 256 * mebibyte ? 64 * mebibyte : 16 * mebibyte),
  zerosAheadBytes: mebibyte,
  newRows: 130_000,
  newMetadata: 16 * mebibyte,
  warmBytes: 64 * mebibyte,
  minReclaimedBytes: 16 * mebibyte,
}
