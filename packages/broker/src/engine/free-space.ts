import { StorageError } from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import type { MetadataKind, MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage, StorageChanges } from '../storage/storage.ts'

/** Measured again after this many bytes. That is often enough: the reserve covers the writes in between. */
const measureEveryBytes = 16 * 1024 * 1024
/** A database writes more than the bytes of the batches: half-filled pages, and its tree. */
const writtenPerByte = 2
/** The approximate size of a metadata record or an index entry. Only the storage knows the exact size. */
const recordBytes = 256
/** The records that may be far longer: a commit has a text of the client, a member its topics. */
const longKinds: ReadonlySet<MetadataKind> = new Set<MetadataKind>([
  'topic',
  'transaction',
  'member',
  'target',
  'current',
  'offset',
  'pendingOffset',
])

/**
 * Refuses writes in time before the disk is full. A write that fails half-way stops the engine. A write refused
 * beforehand only has to be sent again, once there is room.
 */
export class FreeSpace {
  readonly #storage: Storage
  readonly #minFreeBytes: number
  /** The free bytes at the last measurement. */
  #freeBytes = Number.POSITIVE_INFINITY
  /** The approximate bytes to write since then, and the storage's count of written bytes at that moment. */
  #expectedBytes = 0
  #writtenBytes = 0
  readonly #measuring = new SingleFlight()

  constructor(storage: Storage, minFreeBytes: number) {
    this.#storage = storage
    this.#minFreeBytes = minFreeBytes
  }

  measure(): Promise<void> {
    return this.#measuring.join(() => this.#measure())
  }

  /** Adds the bytes of a coming write. */
  use({ batches, replacedBatches, indexEntries, records }: StorageChanges): void {
    let bytes = (records.length + indexEntries.length) * recordBytes
    for (const record of records) bytes += longBytesOf(record) * writtenPerByte
    for (const batch of batches) bytes += batch.bytes.length * writtenPerByte
    for (const { bytes: replacement } of replacedBatches) bytes += (replacement?.length ?? 0) * writtenPerByte
    this.#expectedBytes += bytes
    if (this.#usedBytes > measureEveryBytes) void this.measure()
  }

  /** Whether writes are refused. Whoever asks makes it measure again, so a later answer may differ. */
  get isNearlyFull(): boolean {
    if (this.#leftBytes >= this.#minFreeBytes) return false
    void this.measure()
    return true
  }

  /**
   * @throws StorageError when there is too little room to write more; the check measures again, so a later attempt
   *   may succeed
   */
  check(): void {
    if (!this.isNearlyFull) return
    const freeBytes = this.#leftBytes
    throw new StorageError(
      `the disk is nearly full: ${Math.max(freeBytes, 0)} bytes are free, fewer than the ${this.#minFreeBytes} ` +
        'that are kept in reserve (minFreeBytes). What is stored can be read and deleted; try again once there is ' +
        'room',
      { retriable: true, outcome: 'failed' },
    )
  }

  get #leftBytes(): number {
    return this.#freeBytes - this.#usedBytes
  }

  /**
   * The bytes used since the measurement. Storages that count their own writes, such as cleaning, have these included.
   */
  get #usedBytes(): number {
    return Math.max(this.#expectedBytes, (this.#storage.writtenBytes ?? 0) - this.#writtenBytes)
  }

  async #measure(): Promise<void> {
    try {
      // The measurement may or may not include writes under way, so they are counted.
      const [expectedBytes, writtenBytes] = [this.#expectedBytes, this.#storage.writtenBytes ?? 0]
      this.#freeBytes = await this.#storage.freeBytes()
      this.#expectedBytes -= expectedBytes
      this.#writtenBytes = writtenBytes
    } catch {
      // If the folder cannot be measured, the next write shows the fault.
    }
  }
}

function longBytesOf({ kind, value }: MetadataRecord): number {
  return longKinds.has(kind) ? contentBytes(value) : 0
}

function contentBytes(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 0
  for (const part of Object.values(value)) bytes += contentBytes(part)
  return bytes
}
