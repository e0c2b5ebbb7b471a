/** Something that appends batches durably and reads them again. */
export interface StorageSubject {
  /** How often it has waited for the disk; undefined where nobody can tell. */
  readonly syncs: number | undefined
  /** What it has written by its own count; undefined where the system has to say. */
  readonly writtenBytes?: number | undefined
  /** Resolves when the batch is on the disk. */
  append(batch: Uint8Array): Promise<void>
  /** Reads everything from the start, in pieces of about a MiB; returns how many bytes there were. */
  readAll(): Promise<number>
  /** Lets so many readers wait at the end, and read what comes. */
  tail?(readers: number): void
  close(): Promise<void>
}
