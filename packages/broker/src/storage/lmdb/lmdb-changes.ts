import type { StorageChanges } from '../storage.ts'
import type { LmdbDatabases, LogKey, MetadataKey } from './lmdb-databases.ts'

/** Begins all puts of a unit in this turn of the event loop, and notes them in `puts`, also those before a failure. */
export function putChanges(
  { log, time, position: positions, metadata }: LmdbDatabases,
  { batches, replacedBatches, indexEntries, records }: StorageChanges,
  puts: Promise<boolean>[],
): void {
  for (const { logId, lastOffset, bytes } of batches) puts.push(log.put([logId, lastOffset], asBuffer(bytes)))
  for (const { logId, lastOffset, bytes } of replacedBatches) {
    const key: LogKey = [logId, lastOffset]
    puts.push(bytes ? log.put(key, asBuffer(bytes)) : log.remove(key))
  }
  for (const { logId, maxTimestamp, baseOffset, position } of indexEntries) {
    puts.push(time.put([logId, maxTimestamp], [baseOffset, position]))
    puts.push(positions.put([logId, baseOffset], position))
  }
  for (const { kind, path, value } of records) {
    const key: MetadataKey = [kind, ...path]
    puts.push(value === null ? metadata.remove(key) : metadata.put(key, value))
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
