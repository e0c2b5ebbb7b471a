/** Sizes by which a journal goes. Tests have small ones, so that much happens in little. */
export interface JournalLimits {
  /** How long a file becomes before the next one is begun, when so many bytes count. */
  fileBytes(liveBytes: number): number
  /** How many zeros are written ahead of short frames. */
  readonly zerosAheadBytes: number
  /** A checkpoint is made before more new rows of tables than this are only in memory, and in frames. */
  readonly newRows: number
  /** Likewise for metadata, in characters. */
  readonly newMetadata: number
  /** What was written last is taken to be in the memory of the operating system, so many bytes of it. */
  readonly warmBytes: number
  /**
   * `reclaim` begins a new file when so many bytes of the last one no longer count: with less it waits for the next
   * file.
   */
  readonly minReclaimedBytes: number
}

const mebibyte = 1024 * 1024

export const journalLimits: JournalLimits = {
  // Small files where little counts, so that a folder stays small.
  fileBytes: (liveBytes) => (liveBytes > 256 * mebibyte ? 64 * mebibyte : 16 * mebibyte),
  zerosAheadBytes: mebibyte,
  newRows: 130_000,
  newMetadata: 16 * mebibyte,
  warmBytes: 64 * mebibyte,
  minReclaimedBytes: 16 * mebibyte,
}
