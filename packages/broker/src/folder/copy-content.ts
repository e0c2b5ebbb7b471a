import { readRecordBatchHeader } from '@kafkado/core/internal'
import { readMetadata } from '../records/read-metadata.ts'
import { type LogIndexEntry, type Storage, StorageChanges } from '../storage/storage.ts'
import { logsOf, metadataKinds, slicesOf } from './folder-content.ts'

/** Copied in one unit. */
const unitRecords = 1000
const all = Number.MAX_SAFE_INTEGER

/** Copies everything that a storage holds into an empty one. */
export async function copyContent(source: Storage, target: Storage): Promise<void> {
  await copyMetadata(source, target)
  for (const logId of logsOf(source)) await copyLog(source, target, logId)
}

async function copyMetadata(source: Storage, target: Storage): Promise<void> {
  let changes = new StorageChanges()
  for (const kind of metadataKinds) {
    for (const record of readMetadata(source, kind)) {
      changes.records.push(record)
      if (changes.records.length < unitRecords) continue
      await target.commit(changes)
      changes = new StorageChanges()
    }
  }
  await target.commit(changes)
}

async function copyLog(source: Storage, target: Storage, logId: number): Promise<void> {
  const entries = indexOf(source, logId)
  for (const { bytes } of slicesOf(source, logId)) {
    const changes = new StorageChanges()
    let end = 0
    for (let position = 0; position < bytes.length;) {
      const { sizeInBytes, lastOffset } = readRecordBatchHeader(bytes, position)
      changes.batches.push({ logId, lastOffset, bytes: bytes.subarray(position, position + sizeInBytes) })
      position += sizeInBytes
      end = lastOffset + 1
    }
    while (entries[0] && entries[0].baseOffset < end) changes.indexEntries.push(entries.shift() as LogIndexEntry)
    await target.commit(changes)
  }
  const rest = new StorageChanges()
  rest.indexEntries.push(...entries)
  await target.commit(rest)
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
