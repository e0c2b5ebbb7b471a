/**
 * What a journal of state needs of a file system, and all that it uses of one, so that tests can put a disk in its
 * place that fails, or loses what was not synced.
 *
 * Reads in passing are synchronous, because those of a `StateTable` are.
 */
export interface JournalFolder {
  /** For messages. */
  readonly path: string
  /** Makes the folder where it is missing. */
  make(): Promise<void>
  names(): Promise<string[]>
  /** Opens a file that exists, for reading and writing. */
  open(name: string): Promise<JournalFile>
  /** Makes an empty file; undefined when there is one by that name. */
  create(name: string): Promise<JournalFile | undefined>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>
  /** Makes durable which names there are. */
  sync(): Promise<void>
}

export interface JournalFile {
  length(): Promise<number>
  /** Writes all of it, without a sync. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Returns how many bytes there were. */
  read(bytes: Uint8Array, position: number): Promise<number>
  readSync(bytes: Uint8Array, position: number): number
  truncate(length: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}
