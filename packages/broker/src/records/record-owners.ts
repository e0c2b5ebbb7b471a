import type { MetadataKind, MetadataRecord } from '../storage/metadata-record.ts'
import { readMetadata } from './read-metadata.ts'
import type { Storage } from '../storage/storage.ts'

/** A part of the engine with state made of records of one kind. Only `replay` changes that state. */
export interface RecordOwner<Kind extends MetadataKind> {
  replay(record: MetadataRecord<Kind>): void
}

/**
 * The owner of each kind. A start replays the kinds in the order of the table, so a topic comes before everything that
 * belongs to it.
 */
export type RecordOwners = { readonly [Kind in MetadataKind]: RecordOwner<Kind> }

/** Passes a record to its owner: a record being written, or one that was read. */
export function replayRecord(owners: RecordOwners, record: MetadataRecord): void {
  const owner: RecordOwner<MetadataKind> = owners[record.kind]
  owner.replay(record)
}

/**
 * Replays everything stored. No other function reads it.
 *
 * @throws StorageError that names the damaged record
 */
export function replayStored(owners: RecordOwners, storage: Storage): void {
  for (const kind of Object.keys(owners) as MetadataKind[]) {
    for (const record of readMetadata(storage, kind)) replayRecord(owners, record)
  }
}
