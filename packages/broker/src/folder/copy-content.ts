import { messageOf, type RecordBatchHeader, verifyChecksum } from '@kafkado/core/internal'
import { readMetadata } from '../records/read-metadata.ts'
import { type LogIndexEntry, type Storage, StorageChanges } from '../storage/storage.ts'
import { logsOf, metadataKinds, namesOf, slicesOf } from './folder-content.ts'

/** The records of one unit. */
const unitRecords = 1000
const all = Number.MAX_SAFE_INTEGER

/** A batch that has changed since its producer made it. */
export interface DamagedBatch {
  readonly logId: number
  readonly offset: number
  /** Describes the fault. */
  readonly message: string
}

/**
 * Copies everything from one storage into an empty one, damaged batches too: readers are refused there as well, and the
 * sound batches around them are kept.
 *
 * @returns the damaged batches
 * @throws StorageError if nobody knows what follows a damaged batch
 */
export async function copyContent(source: Storage, target: Storage): Promise<DamagedBatch[]> {
  const damaged: DamagedBatch[] = []
  await copyMetadata(source, target)
  const names = namesOf(source)
  for (const logId of logsOf(source))
    await copyLog(source, target, logId, names.get(logId) ?? `log ${logId}`, (batch) => damaged.push(batch))
  return damaged
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

async function copyLog(
  source: Storage,
  target: Storage,
  logId: number,
  name: string,
  onDamaged: (batch: DamagedBatch) => void,
): Promise<void> {
  const entries = indexOf(source, logId)
  for (const { bytes, headers } of slicesOf(source, logId, name)) {
    const changes = new StorageChanges()
    let position = 0
    for (const header of headers) {
      const message = whatIsWrong(bytes, header, position)
      if (message !== undefined) onDamaged({ logId, offset: header.baseOffset, message })
      const batch = bytes.subarray(position, (position += header.sizeInBytes))
      changes.batches.push({ logId, lastOffset: header.lastOffset, bytes: batch })
    }
    const end = (headers.at(-1)?.lastOffset ?? -1) + 1
    while (entries[0] && entries[0].baseOffset < end) changes.indexEntries.push(entries.shift() as LogIndexEntry)
    await target.commit(changes)
  }
  const rest = new StorageChanges()
  rest.indexEntries.push(...entries)
  await target.commit(rest)
}

function whatIsWrong(bytes: Uint8Array, header: RecordBatchHeader, position: number): string | undefined {
  try {
    verifyChecksum(bytes, header, position)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * The index of a log, in order. Of several entries with the same time, storages may keep only one. So times are those
 * of the next entry that has one.
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
