/**
 * Everything that the journal uses of a file system. Tests can replace it with a disk that records, fails, or loses
 * unsynced data in a power cut.
 *
 * Opening and reading are synchronous, because the reads of a `Storage` are. Everything that waits for a disk is
 * asynchronous.
 */
export interface JournalFolder {
  /** For messages. */
  readonly path: string
  /** Makes the folder if it is missing. */
  make(): Promise<void>
  names(): Promise<string[]>
  /** Opens a file that exists. */
  open(name: string, kind: FileKind): JournalFile
  /** Makes an empty file; replaces one of that name. */
  create(name: string, kind: FileKind): JournalFile
  rename(from: string, to: string): Promise<void>
  remove(name: string): Promise<void>
  /** Makes the names in the folder durable. */
  sync(): Promise<void>
  freeBytes(): Promise<number>
  /** Whether the path still leads to the opened folder, and a name in it to that file. */
  holds(name: string, file: JournalFile): Promise<boolean>
}

/** The use of a file: durable appends; writes and later syncs; or reads only, even in a read-only folder. */
export type FileKind = 'appended' | 'synced' | 'read'

export interface JournalFile {
  length(): number
  /**
   * Writes all the parts one after the other; resolves when they are durable. Only for files made or opened for that.
   *
   * @param spare written behind them if there is room; nothing is missing without it
   */
  append(parts: readonly Uint8Array[], position: number, spare?: Uint8Array): Promise<void>
  /** Writes without a sync. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>
  /** Like `write`, for a few bytes that nobody waits for. */
  writeSync(bytes: Uint8Array, position: number): void
  /** Fills the parts one after the other; returns how many bytes there were. */
  readSync(parts: readonly Uint8Array[], position: number): number
  read(parts: readonly Uint8Array[], position: number): Promise<number>
  truncate(length: number): Promise<void>
  sync(): Promise<void>
  /** Closes the file once reads under way have ended. */
  close(): void
}
