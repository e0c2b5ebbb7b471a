import { copyBytes } from '@kafkado/core/internal'
import type { MetadataKind, MetadataKinds, MetadataRecord } from '../storage/metadata-record.ts'
import type { BatchMemory, Chunk } from './batch-memory.ts'
import { StorageChanges } from '../storage/storage.ts'

/**
 * One atomic unit of the engine. A put record is replayed at once, so it takes effect for everyone who follows; the
 * unit makes it durable, and the next start replays the same record again.
 */
export class Changes extends StorageChanges {
  readonly #replay: (record: MetadataRecord) => void
  readonly #memory: BatchMemory | undefined
  readonly #held: Chunk[] = []
  readonly #checkRoom: () => void
  #isAdmitted = false

  /**
   * @param checkRoom throws when there is no room for the unit
   * @param memory for copies; without it each copy has its own memory, which the storage keeps
   */
  constructor(replay: (record: MetadataRecord) => void, checkRoom: () => void, memory?: BatchMemory) {
    super()
    this.#replay = replay
    this.#checkRoom = checkRoom
    this.#memory = memory
  }

  /**
   * Makes sure of room for the unit, before its first change: it is refused as a whole, before anything has taken
   * effect. Records and copies of batches do so by themselves; call it before changes of another kind.
   *
   * @throws StorageError when the disk is nearly full
   */
  admit(): void {
    if (this.#isAdmitted) return
    this.#checkRoom()
    this.#isAdmitted = true
  }

  /** Copies a batch for this unit; valid until its commit has resolved. */
  copy(batch: Uint8Array): Uint8Array {
    this.admit()
    return this.#memory ? this.#memory.copy(batch, this.#held) : copyBytes(batch)
  }

  /** Frees the copies when the unit is durable and nobody needs them any more. */
  giveBack(): void {
    this.#memory?.giveBack(this.#held)
  }

  override put<Kind extends MetadataKind>(
    kind: Kind,
    path: MetadataKinds[Kind]['path'],
    value: MetadataKinds[Kind]['value'] | null,
  ): void {
    this.admit()
    super.put(kind, path, value)
    this.#replay(this.records.at(-1) as MetadataRecord)
  }

  /** Like `put`, for a record that must not take effect before it is durable. */
  putWhenDurable<Kind extends MetadataKind>(
    kind: Kind,
    path: MetadataKinds[Kind]['path'],
    value: MetadataKinds[Kind]['value'] | null,
  ): void {
    this.admit()
    super.put(kind, path, value)
    const record = this.records.at(-1) as MetadataRecord
    this.afterCommit.push(() => this.#replay(record))
  }
}

/** Begins units that end or remove something, and makes them durable. */
export interface Units {
  beginEnding(): Changes
  /**
   * Resolves when the unit is durable.
   *
   * @throws StorageError when it could not be stored; the engine then refuses all requests
   */
  commit(changes: Changes): Promise<void>
}
