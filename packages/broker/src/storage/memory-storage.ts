import type { MetadataKind, MetadataRecord } from './metadata-record.ts'
import type { LogIndexEntry, Storage, StorageChanges, StoredBatch } from './storage.ts'

interface MemoryLog {
  batches: StoredBatch[]
  index: LogIndexEntry[]
}

/** Keeps everything in this process. It lives as long as the object, even over a close. */
export class MemoryStorage implements Storage {
  readonly kind: Storage['kind'] = 'memory'
  readonly #logs = new Map<number, MemoryLog>()
  readonly #metadata = new Map<string, Map<string, MetadataRecord>>()

  async open(): Promise<void> {
    // There is nothing to open.
  }

  commit({ batches, replacedBatches, indexEntries, records }: StorageChanges): Promise<void> {
    for (const batch of batches) this.#log(batch.logId).batches.push(batch)
    for (const entry of indexEntries) this.#log(entry.logId).index.push(entry)
    for (const { logId, lastOffset, bytes } of replacedBatches) {
      const log = this.#log(logId)
      const index = firstIndex(log.batches, (batch) => batch.lastOffset >= lastOffset)
      if (log.batches[index]?.lastOffset !== lastOffset) continue
      log.batches.splice(index, 1, ...(bytes ? [{ logId, lastOffset, bytes }] : []))
    }
    for (const record of records) {
      const kept = this.#metadata.get(record.kind) ?? new Map<string, MetadataRecord>()
      this.#metadata.set(record.kind, kept)
      const key = record.path.join('\0')
      if (record.value === null) kept.delete(key)
      else kept.set(key, record)
    }
    return Promise.resolve()
  }

  readBatches(
    logId: number,
    fromOffset: number,
    untilOffset: number,
    maxBytes: number,
    atLeastOne: boolean,
  ): Uint8Array {
    const batches = this.#logs.get(logId)?.batches ?? []
    const first = firstIndex(batches, ({ lastOffset }) => lastOffset >= fromOffset)
    let end = first
    let size = 0
    for (; end < batches.length; end++) {
      const { lastOffset, bytes } = batches[end] as StoredBatch
      const isFree = atLeastOne && end === first
      if (lastOffset >= untilOffset || (size + bytes.length > maxBytes && !isFree)) break
      size += bytes.length
    }
    const joined = new Uint8Array(size)
    let position = 0
    for (let index = first; index < end; index++) {
      const { bytes } = batches[index] as StoredBatch
      joined.set(bytes, position)
      position += bytes.length
    }
    return joined
  }

  lastOffset(logId: number): number {
    return this.#logs.get(logId)?.batches.at(-1)?.lastOffset ?? -1
  }

  lastOffsetOfBatch(logId: number, offset: number): number | undefined {
    const batches = this.#logs.get(logId)?.batches ?? []
    return batches[firstIndex(batches, ({ lastOffset }) => lastOffset >= offset)]?.lastOffset
  }

  indexEntryBeforeTimestamp(logId: number, timestamp: number): LogIndexEntry | undefined {
    return lastBefore(this.#index(logId), ({ maxTimestamp }) => maxTimestamp >= timestamp)
  }

  indexEntryAtOrBefore(logId: number, offset: number): LogIndexEntry | undefined {
    return lastBefore(this.#index(logId), ({ baseOffset }) => baseOffset > offset)
  }

  indexEntryAtOrBeforePosition(logId: number, fromOffset: number, position: number): LogIndexEntry | undefined {
    const found = lastBefore(this.#index(logId), (entry) => entry.position > position)
    return found && found.baseOffset >= fromOffset ? found : undefined
  }

  removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    const log = this.#logs.get(logId)
    if (log && beforeOffset === null) this.#logs.delete(logId)
    if (log && beforeOffset !== null) {
      log.batches = log.batches.slice(firstIndex(log.batches, ({ lastOffset }) => lastOffset >= beforeOffset))
      log.index = log.index.slice(firstIndex(log.index, ({ baseOffset }) => baseOffset >= beforeOffset))
    }
    return Promise.resolve(true)
  }

  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    return [...(this.#metadata.get(kind)?.values() ?? [])] as MetadataRecord<Kind>[]
  }

  async reclaim(): Promise<void> {
    // What was removed is gone.
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(Number.POSITIVE_INFINITY)
  }

  async close(): Promise<void> {
    // There is nothing to close.
  }

  #index(logId: number): readonly LogIndexEntry[] {
    return this.#logs.get(logId)?.index ?? []
  }

  #log(logId: number): MemoryLog {
    let log = this.#logs.get(logId)
    if (!log) {
      log = { batches: [], index: [] }
      this.#logs.set(logId, log)
    }
    return log
  }
}

function lastBefore<T>(sorted: readonly T[], holds: (item: T) => boolean): T | undefined {
  return sorted[firstIndex(sorted, holds) - 1]
}

/** The first index where the condition holds, in a list where it holds from there on. */
function firstIndex<T>(sorted: readonly T[], holds: (item: T) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(sorted[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
