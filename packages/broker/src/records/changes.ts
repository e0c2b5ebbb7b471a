import { copyBytes } from '@kafkado/core/internal'
import type { MetadataKind, MetadataKinds, MetadataRecord } from '../storage/metadata-record.ts'
import type { BatchMemory, Chunk } from './batch-memory.ts'
import { StorageChanges } from '../storage/storage.ts'

/**
 * One atomic unit of the engine. A record that is put is replayed at once, so it is in force for whoever comes next;
 * the unit makes it durable, and the next start replays the same record again.
 */
export class Changes extends StorageChanges {
  readonly #replay: (record: MetadataRecord) => void
  readonly #memory: BatchMemory | undefined
  readonly #held: Chunk[] = []

  /** @param memory for copies; without it each has memory of its own, which the storage keeps */
  constructor(replay: (record: MetadataRecord) => void, memory?: BatchMemory) {
    super()
    this.#replay = replay
    this.#memory = memory
  }

  /** A copy of a batch for this unit, good until its commit has resolved. */
  copy(batch: Uint8Array): Uint8Array {
    return this.#memory ? this.#memory.copy(batch, this.#held) : copyBytes(batch)
  }

  /** Gives the copies back, when the unit is durable and nobody needs them any more. */
  giveBack(): void {
    this.#memory?.giveBack(this.#held)
  }

  override put<Kind extends MetadataKind>(
    kind: Kind,
    path: MetadataKinds[Kind]['path'],
    value: MetadataKinds[Kind]['value'] | null,
  ): void {
    super.put(kind, path, value)
    this.#replay(this.records.at(-1) as MetadataRecord)
  }

  /** As `put`, of what must not be in force before a crash can no longer take it back. */
  putWhenDurable<Kind extends MetadataKind>(
    kind: Kind,
    path: MetadataKinds[Kind]['path'],
    value: MetadataKinds[Kind]['value'] | null,
  ): void {
    super.put(kind, path, value)
    const record = this.records.at(-1) as MetadataRecord
    this.afterCommit.push(() => this.#replay(record))
  }
}

/** Where units are begun and made durable. */
export interface Units {
  begin(): Changes
  /**
   * Resolves when the unit is durable.
   *
   * @throws StorageError when it could not be kept; then the engine takes no more
   */
  commit(changes: Changes): Promise<void>
}
