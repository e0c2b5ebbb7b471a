import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidRequestError, StorageError } from '@kafkado/core'
import { readRecordBatchHeader } from '@kafkado/core/internal'
import { foundStorage, loadLmdbStorage } from './folder-storage.ts'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { NodeFolder } from '../storage/journal/node-folder.ts'
import type { MetadataKind, MetadataRecord } from '../storage/metadata-record.ts'
import { readMetadata } from '../records/read-metadata.ts'
import { SqliteStorage } from '../storage/sqlite-storage.ts'
import { type LogIndexEntry, type Storage, StorageChanges } from '../storage/storage.ts'
import { syncFile } from '../storage/sync-file.ts'

/** Copied in one unit. */
const unitBytes = 1024 * 1024
const unitRecords = 1000
const all = Number.MAX_SAFE_INTEGER

const kinds: Readonly<Record<MetadataKind, true>> = {
  engine: true,
  producerIds: true,
  topic: true,
  log: true,
  trim: true,
  producer: true,
  aborted: true,
  cleaner: true,
  transaction: true,
  group: true,
  member: true,
  target: true,
  current: true,
  offset: true,
  pendingOffset: true,
}

/** What was taken over. */
export interface ConvertedFolder {
  readonly from: 'lmdb' | 'sqlite'
  readonly topics: number
  readonly partitions: number
  readonly batches: number
  readonly bytes: number
}

/**
 * Takes what a folder keeps in LMDB or SQLite over into a journal, which then is its storage. Until all of it is there
 * and was compared the folder stays as it is; one that was interrupted begins anew. It needs room for both, and the
 * package lmdb for a folder of LMDB.
 *
 * @throws InvalidRequestError when there is nothing to convert
 * @throws StorageError when the folder is in use, damaged or full
 */
export async function convertFolder(folder: string): Promise<ConvertedFolder> {
  const from = foundStorage(folder)
  if (from === undefined) throw new InvalidRequestError(`the folder ${folder} has nothing that could be converted`)
  if (from === 'journal') {
    await removeOld(folder)
    throw new InvalidRequestError(`the folder ${folder} is kept in a journal already`)
  }
  const source = from === 'lmdb' ? await loadLmdbStorage(folder) : new SqliteStorage(folder)
  await source.open()
  try {
    const copied = await copy(source, folder)
    await rename(join(folder, 'journal.new'), join(folder, 'journal'))
    await syncFile(folder)
    return { from, ...copied }
  } finally {
    await source.close()
    if (foundStorage(folder) === 'journal') await removeOld(folder)
  }
}

async function copy(source: Storage, folder: string): Promise<Omit<ConvertedFolder, 'from'>> {
  const place = join(folder, 'journal.new')
  await rm(place, { recursive: true, force: true })
  const target = new JournalStorage(folder, { disk: new NodeFolder(place) })
  await target.open()
  try {
    await copyMetadata(source, target)
    const logIds = logsOf(source)
    let [batches, bytes] = [0, 0]
    for (const logId of logIds) {
      const copied = await copyLog(source, target, logId)
      batches += copied.batches
      bytes += copied.bytes
    }
    await compare(source, target, logIds)
    return { topics: readMetadata(source, 'topic').length, partitions: logIds.length, batches, bytes }
  } finally {
    await target.close()
  }
}

async function copyMetadata(source: Storage, target: Storage): Promise<void> {
  let changes = new StorageChanges()
  for (const kind of Object.keys(kinds) as MetadataKind[]) {
    for (const record of readMetadata(source, kind)) {
      changes.records.push(record)
      if (changes.records.length < unitRecords) continue
      await target.commit(changes)
      changes = new StorageChanges()
    }
  }
  await target.commit(changes)
}

/** Those of the topics, and those of which the rest is yet to be removed. */
function logsOf(source: Storage): number[] {
  const ofTopics = readMetadata(source, 'topic').flatMap(({ value }) => value?.logIds ?? [])
  return [...new Set([...ofTopics, ...readMetadata(source, 'trim').map(({ path }) => path[0])])]
}

async function copyLog(source: Storage, target: Storage, logId: number): Promise<{ batches: number; bytes: number }> {
  const entries = indexOf(source, logId)
  const copied = { batches: 0, bytes: 0 }
  for (let from = 0; ;) {
    const bytes = source.readBatches(logId, from, all, unitBytes, true)
    const changes = new StorageChanges()
    for (let position = 0; position < bytes.length;) {
      const { sizeInBytes, lastOffset } = readRecordBatchHeader(bytes, position)
      changes.batches.push({ logId, lastOffset, bytes: bytes.subarray(position, position + sizeInBytes) })
      position += sizeInBytes
      from = lastOffset + 1
    }
    const isLast = bytes.length === 0
    while (entries.length > 0 && (isLast || (entries[0] as LogIndexEntry).baseOffset < from))
      changes.indexEntries.push(entries.shift() as LogIndexEntry)
    await target.commit(changes)
    copied.batches += changes.batches.length
    copied.bytes += bytes.length
    if (isLast) return copied
  }
}

/**
 * The index of a log, in its order. Storages may keep one of several entries of one time alone, so times are those of
 * the next entry that has one.
 */
function indexOf(source: Storage, logId: number): LogIndexEntry[] {
  const times: LogIndexEntry[] = []
  for (let entry = source.indexEntryBeforeTimestamp(logId, all); entry;) {
    times.push(entry)
    entry = source.indexEntryBeforeTimestamp(logId, entry.maxTimestamp)
  }
  const entries: LogIndexEntry[] = []
  let [time, maxTimestamp] = [0, all]
  for (let place = source.indexEntryAtOrBefore(logId, all); place;) {
    const { baseOffset, position } = place
    for (; (times[time]?.baseOffset ?? -1) >= baseOffset; time++)
      maxTimestamp = (times[time] as LogIndexEntry).maxTimestamp
    entries.push({ logId, baseOffset, position, maxTimestamp })
    place = source.indexEntryAtOrBefore(logId, baseOffset - 1)
  }
  return entries.reverse()
}

/** @throws StorageError when the one does not hold what the other does */
async function compare(source: Storage, target: Storage, logIds: readonly number[]): Promise<void> {
  for (const kind of Object.keys(kinds) as MetadataKind[]) {
    if (textOf(source.readMetadata(kind)) !== textOf(target.readMetadata(kind)))
      throw differs(`its records of kind '${kind}'`)
  }
  for (const logId of logIds) {
    for (let from = 0; ;) {
      const [old, found] = [source, target].map((one) =>
        Buffer.from(one.readBatches(logId, from, all, unitBytes, true)),
      )
      if (!old || !found || !old.equals(found)) throw differs(`log ${logId} from offset ${from} on`)
      if (old.length === 0) break
      for (let position = 0; position < old.length;) {
        const { sizeInBytes, lastOffset } = readRecordBatchHeader(old, position)
        position += sizeInBytes
        from = lastOffset + 1
      }
      await new Promise((next) => setImmediate(next))
    }
  }
}

function textOf(records: readonly MetadataRecord[]): string {
  const texts = records.map(({ path, value }) => `${JSON.stringify(path)} ${JSON.stringify(value)}`)
  return texts.sort().join('\n')
}

function differs(what: string): StorageError {
  return new StorageError(`the copy is not what the folder holds: ${what}; the folder stays as it was`, {
    retriable: false,
    outcome: 'failed',
  })
}

/** Removes what the folder was kept in, once the journal is. */
async function removeOld(folder: string): Promise<void> {
  const old = ['data.mdb', 'data.mdb-lock', 'data.sqlite', 'data.sqlite-wal', 'data.sqlite-shm', 'data.sqlite-journal']
  for (const name of old.filter((one) => existsSync(join(folder, one)))) await rm(join(folder, name))
}
