/**
 * Everything that a journal of state uses of a file system. Tests can replace it with a disk that fails, or loses
 * unsynced data.
 *
 * Reads of single records are synchronous, because those of a `StateTable` are.
 */
export interface JournalFolder {
  /** For messages. */
  readonly path: string
  /** Makes the folder if it is missing. */
  make(): Promise<void>
  names(): Promise<string[]>
  /** Opens an existing file, for reading and writing. */
  open(name: string): Promise<JournalFile>
  /** Makes an empty file; undefined if the name is taken. */
  create(name: string): Promise<JournalFile | undefined>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, if it exists. */
  remove(name: string): Promise<void>
  /** Makes the names in the folder durable. */
  sync(): Promise<void>
}

export interface JournalFile {
  length(): Promise<number>
  /** Writes all the bytes, without a sync. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Returns how many bytes it has read. */
  read(bytes: Uint8Array, position: number): Promise<number>
  readSync(bytes: Uint8Array, position: number): number
  truncate(length: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}
