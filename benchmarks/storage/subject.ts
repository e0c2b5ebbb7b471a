/** Something that appends batches durably and reads them again. */
export interface StorageSubject {
  /** Resolves when the batch is on the disk. */
  append(batch: Uint8Array): Promise<void>
  /** Reads everything from the start, in pieces of about a MiB; returns how many bytes there were. */
  readAll(): Promise<number>
  close(): Promise<void>
}
