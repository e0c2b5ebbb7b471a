import type { MetadataKind, MetadataRecord } from './metadata-record.ts'
import type { Storage, StorageChanges, StoredBatch, TimeIndexEntry } from './storage.ts'

interface MemoryLog {
  batches: StoredBatch[]
  timeIndex: TimeIndexEntry[]
}

/** Keeps everything in this process: gone when it ends. Nothing reads the metadata again, so none is kept. */
export class MemoryStorage implements Storage {
  readonly kind = 'memory'
  readonly #logs = new Map<number, MemoryLog>()

  async open(): Promise<void> {
    // There is nothing to open.
  }

  commit(changes: StorageChanges): Promise<void> {
    for (const batch of changes.batches) this.#log(batch.logId).batches.push(batch)
    for (const entry of changes.timeIndexEntries) this.#log(entry.logId).timeIndex.push(entry)
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

  timeIndexBefore(logId: number, timestamp: number): TimeIndexEntry | undefined {
    const timeIndex = this.#logs.get(logId)?.timeIndex ?? []
    return timeIndex[firstIndex(timeIndex, ({ maxTimestamp }) => maxTimestamp >= timestamp) - 1]
  }

  removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    const log = this.#logs.get(logId)
    if (log && beforeOffset === null) this.#logs.delete(logId)
    if (log && beforeOffset !== null) {
      log.batches = log.batches.slice(firstIndex(log.batches, ({ lastOffset }) => lastOffset >= beforeOffset))
      log.timeIndex = log.timeIndex.slice(firstIndex(log.timeIndex, ({ baseOffset }) => baseOffset >= beforeOffset))
    }
    return Promise.resolve(true)
  }

  readMetadata<Kind extends MetadataKind>(_kind: Kind): MetadataRecord<Kind>[] {
    return []
  }

  async close(): Promise<void> {
    this.#logs.clear()
  }

  #log(logId: number): MemoryLog {
    let log = this.#logs.get(logId)
    if (!log) {
      log = { batches: [], timeIndex: [] }
      this.#logs.set(logId, log)
    }
    return log
  }
}

/** The first index at which the condition holds, of a list in which it keeps holding from there on. */
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
