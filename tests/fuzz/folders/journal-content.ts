import type { Storage } from '@kafkado/broker/storage'
import type { JournalState } from '../../../packages/broker/src/storage/journal/journal-state.ts'
import type { MetadataKind } from '../../../packages/broker/src/storage/metadata-record.ts'

const kinds: readonly MetadataKind[] = ['engine', 'producerIds', 'topic', 'log', 'trim', 'offset']
const all = Number.MAX_SAFE_INTEGER

export interface JournalContent {
  /** Everything but the bytes of batches. */
  readonly text: string
  /** In hexadecimal, by log and last offset. */
  readonly batches: ReadonlyMap<string, string>
}

/** Everything in a journal, as a storage reads it. @throws StorageError */
export function journalContent(state: JournalState, storage: Storage): JournalContent {
  const batches = new Map<string, string>()
  const logs: unknown[] = []
  for (const [logId, { batches: table, index }] of state.logs) {
    const [lastOffsets, entries] = [[] as number[], [] as unknown[]]
    table.visitFrom(0, (lastOffset) => lastOffsets.push(lastOffset) > 0)
    index.visitFrom(0, (...entry) => entries.push(entry) > 0)
    for (const lastOffset of lastOffsets) {
      const bytes = storage.readBatches(logId, lastOffset, lastOffset + 1, all, true)
      batches.set(`${logId}/${lastOffset}`, Buffer.from(bytes).toString('hex'))
    }
    const whole = storage.readBatches(logId, 0, all, all, true)
    logs.push([logId, entries, whole?.length, storage.lastOffset(logId), places(storage, logId)])
  }
  const records = kinds.map((kind) => storage.readMetadata(kind).map(({ path, value }) => [path, value]))
  return { text: JSON.stringify([logs, [...batches.keys()], records]), batches }
}

function places(storage: Storage, logId: number): unknown[] {
  return [0, 1, 3, 5000].map((number) => [
    storage.lastOffsetOfBatch(logId, number),
    storage.indexEntryAtOrBefore(logId, number),
    storage.indexEntryBeforeTimestamp(logId, number),
    storage.indexEntryAtOrBeforePosition(logId, 0, number * 80),
  ])
}
