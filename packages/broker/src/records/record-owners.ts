import type { MetadataKind, MetadataRecord } from '../storage/metadata-record.ts'
import { readMetadata } from './read-metadata.ts'
import type { Storage } from '../storage/storage.ts'

/** A part of the engine whose state is made of records of a kind, and changes by `replay` alone. */
export interface RecordOwner<Kind extends MetadataKind> {
  replay(record: MetadataRecord<Kind>): void
}

/**
 * Who owns each kind. A start replays the kinds in the order of the table, so what belongs to a topic comes after it.
 */
export type RecordOwners = { readonly [Kind in MetadataKind]: RecordOwner<Kind> }

/** Hands a record to its owner: one that is being written, or one that was read. */
export function replayRecord(owners: RecordOwners, record: MetadataRecord): void {
  const owner: RecordOwner<MetadataKind> = owners[record.kind]
  owner.replay(record)
}

/**
 * Replays everything that was kept: the one place that reads it.
 *
 * @throws StorageError that names a record which is damaged
 */
export function replayStored(owners: RecordOwners, storage: Storage): void {
  for (const kind of Object.keys(owners) as MetadataKind[]) {
    for (const record of readMetadata(storage, kind)) replayRecord(owners, record)
  }
}
