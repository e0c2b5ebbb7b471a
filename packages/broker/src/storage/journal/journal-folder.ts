/**
 * What the journal needs of a file system, and all that it uses of one: so that tests can put a disk in its place that
 * records, fails, or loses what was not synced when the power is cut.
 *
 * What is opened and read in passing is synchronous, because the reads of a `Storage` are. Whatever waits for a disk is
 * asynchronous.
 */
export interface JournalFolder {
  /** For messages. */
  readonly path: string
  /** Makes the folder where it is missing. */
  make(): Promise<void>
  names(): Promise<string[]>
  /** Opens a file that exists. */
  open(name: string, kind: FileKind): JournalFile
  /** Makes an empty file, in place of one that has the name. */
  create(name: string, kind: FileKind): JournalFile
  rename(from: string, to: string): Promise<void>
  remove(name: string): Promise<void>
  /** Makes durable which names there are. */
  sync(): Promise<void>
  freeBytes(): Promise<number>
  /** Whether the path still leads to the folder that was opened, and a name in it to that file. */
  holds(name: string, file: JournalFile): Promise<boolean>
}

/**
 * What is done with a file: it is appended to durably; or written, and then synced; or only read, also where nothing
 * can be written.
 */
export type FileKind = 'appended' | 'synced' | 'read'

export interface JournalFile {
  length(): number
  /**
   * Writes all the parts one after the other; resolves when they are durable. Only for files that were made, or opened,
   * for that.
   *
   * @param spare written behind them where there is room; without it nothing is missing
   */
  append(parts: readonly Uint8Array[], position: number, spare?: Uint8Array): Promise<void>
  /** Writes without a sync. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>
  /** As `write`, for a few bytes that nobody waits for. */
  writeSync(bytes: Uint8Array, position: number): void
  /** Fills the parts one after the other; returns how many bytes there were. */
  readSync(parts: readonly Uint8Array[], position: number): number
  read(parts: readonly Uint8Array[], position: number): Promise<number>
  truncate(length: number): Promise<void>
  sync(): Promise<void>
  /** Lets go of it, once reads that are under way have ended. */
  close(): void
}
