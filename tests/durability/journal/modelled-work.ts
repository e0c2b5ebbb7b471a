import { MemoryStorage, type Storage, StorageChanges } from '@kafkado/broker/storage'
import type { Random } from '@kafkado/core'
import { assignOffset, RecordBatchBuilder } from '@kafkado/core/internal'

export const logIds = [1, 2, 3, 70_000] as const
const all = Number.MAX_SAFE_INTEGER

/** One thing that is asked of a storage, and carried out whole or not at all. */
export interface Task {
  /** Those with one say in the storage itself that they were carried out. */
  readonly number: number | undefined
  carryOut(storage: Storage): Promise<unknown>
}

/** What a storage is to be given, by chance; and what it then has to hold, after each of it. */
export class ModelledWork {
  readonly tasks: Task[] = []
  readonly #random: Random
  /** The offsets after the last batch of each log, and the batches there may be. */
  readonly #next = new Map<number, number>()
  readonly #offsets = new Map<number, number[]>()
  /** What was there after so many tasks. */
  readonly #expected = new Map<number, string>()
  readonly #otherBytes: number
  #number = 0

  /**
   * @param otherBytes which part of the batches are bytes of any kind, and no record batches with a checksum of their
   *   own
   */
  constructor(random: Random, otherBytes = 0.5) {
    this.#random = random
    this.#otherBytes = otherBytes
  }

  /** The next unit of the engine. */
  unit(): Task {
    const changes = new StorageChanges()
    const number = ++this.#number
    for (let left = this.#below(4); left > 0; left--) this.#addBatch(changes)
    if (this.#random.next() < 0.25) this.#replace(changes)
    for (let left = this.#below(4); left > 0; left--) this.#addRecord(changes, number)
    changes.put('producerIds', [], { next: number })
    return this.#add({ number, carryOut: (storage) => storage.commit(changes) })
  }

  /** Removals of one log or several at once, which are one frame. What they concern is durable. */
  removal(): Task {
    const chosen = new Set([this.#one(logIds)])
    while (this.#random.next() < 0.3) chosen.add(this.#one(logIds))
    const removals = [...chosen].map((logId) => [logId, this.#removed(logId)] as const)
    const carryOut = (storage: Storage): Promise<unknown> =>
      Promise.all(removals.map(([logId, before]) => storage.removeBatches(logId, before)))
    return this.#add({ number: undefined, carryOut })
  }

  /** Goes on where another one was after so many tasks. */
  adopt(other: ModelledWork, count: number): void {
    this.tasks.push(...other.tasks.slice(0, count))
    this.#number = other.numberAt(count)
    // Offsets of what was lost may be given again, or not.
    for (const [logId, next] of other.#next) this.#next.set(logId, next)
    for (const [logId, offsets] of other.#offsets) this.#offsets.set(logId, [...offsets])
  }

  /** The number of the last unit among the first so many tasks. */
  numberAt(count: number): number {
    return this.tasks.slice(0, count).findLast(({ number }) => number !== undefined)?.number ?? 0
  }

  /** What a storage holds that was given the first so many tasks. */
  async expected(count: number): Promise<string> {
    let expected = this.#expected.get(count)
    if (expected !== undefined) return expected
    const model = new MemoryStorage()
    for (const task of this.tasks.slice(0, count)) await task.carryOut(model)
    expected = this.contents(model)
    this.#expected.set(count, expected)
    return expected
  }

  /** Everything that can be asked of a storage. */
  contents(storage: Storage): string {
    const found: unknown[] = []
    for (const logId of logIds) {
      found.push(logId, storage.lastOffset(logId), hex(storage.readBatches(logId, 0, all, all, true)))
      for (let offset = 0; offset < 200; offset += 3) {
        found.push(hex(storage.readBatches(logId, offset, all, 1, true)).slice(0, 40))
        const entries = [
          storage.indexEntryAtOrBefore(logId, offset),
          storage.indexEntryBeforeTimestamp(logId, offset * 10),
          storage.indexEntryAtOrBeforePosition(logId, 0, offset * 100),
        ]
        found.push(entries.map((entry) => entry && [entry.baseOffset, entry.position]))
      }
    }
    for (const kind of ['producerIds', 'offset', 'log', 'topic', 'engine'] as const) {
      const records = storage.readMetadata(kind).map(({ path, value }) => JSON.stringify([path, value]))
      found.push(kind, records.sort())
    }
    return JSON.stringify(found)
  }

  #add(task: Task): Task {
    this.tasks.push(task)
    return task
  }

  /** Before which offset a log is to be removed; null: all of it. */
  #removed(logId: number): number | null {
    const isAll = this.#random.next() < 0.15
    const offsets = this.#offsets.get(logId) ?? []
    const before = isAll ? null : (offsets[Math.ceil(this.#random.next() * offsets.length)] ?? 0)
    this.#offsets.set(logId, isAll ? [] : offsets.filter((offset) => offset >= (before ?? 0)))
    return before
  }

  #addBatch(changes: StorageChanges): void {
    const logId = this.#one(logIds)
    const baseOffset = this.#next.get(logId) ?? 0
    const lastOffset = baseOffset + this.#below(3)
    this.#next.set(logId, lastOffset + 1)
    const offsets = this.#offsets.get(logId) ?? []
    this.#offsets.set(logId, offsets)
    offsets.push(lastOffset)
    changes.batches.push({ logId, lastOffset, bytes: this.#bytes(baseOffset) })
    if (this.#random.next() < 0.3)
      changes.indexEntries.push({ logId, baseOffset, maxTimestamp: baseOffset * 10 - 1, position: baseOffset * 100 })
  }

  #replace(changes: StorageChanges): void {
    const logId = this.#one(logIds)
    // Not the last one: a restart knows the next offset by it. Nor what this unit has just appended.
    const offsets = (this.#offsets.get(logId) ?? []).slice(0, -5)
    if (offsets.length === 0) return
    const lastOffset = this.#one(offsets)
    const isRemoved = this.#random.next() < 0.4
    changes.replacedBatches.push({ logId, lastOffset, bytes: isRemoved ? null : this.#bytes(lastOffset) })
  }

  #addRecord(changes: StorageChanges, number: number): void {
    const path = ['größe', `topic ${this.#below(5)}`, this.#below(4)] as const
    const metadata = this.#random.next() < 0.1 ? 'x'.repeat(500) : null
    const value = { committedOffset: number, committedLeaderEpoch: -1, metadata, commitTimestampMs: 0, order: number }
    changes.put('offset', path, this.#random.next() < 0.2 ? null : value)
  }

  #bytes(baseOffset: number): Uint8Array {
    const size = this.#random.next() < 0.1 ? 4000 + this.#below(4000) : 1 + this.#below(600)
    // Not filled alike: so a part in the wrong place shows.
    const bytes = Uint8Array.from({ length: size }, () => this.#below(256))
    if (this.#random.next() < this.#otherBytes) return bytes
    const builder = new RecordBatchBuilder()
    builder.append({ timestamp: baseOffset, key: null, value: bytes, headers: [] })
    const batch = builder.build() as Uint8Array
    assignOffset(batch, baseOffset, 0)
    return batch
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }

  #one<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
