import type { Units } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'

interface Parts extends Units {
  readonly storage: Storage
  readonly isStopped: boolean
  stop(cause: unknown): Error
}

/** Removes batches of a log before an offset; null: the whole log. */
type Removal = readonly [logId: number, beforeOffset: number | null]

/**
 * Removes unreachable batches, slice by slice. Pending removals are noted in the storage, so they continue after a
 * restart.
 */
export class BatchRemovals {
  readonly #parts: Parts
  /** The offset before which to remove, by log; null: the whole log. */
  readonly #noted = new Map<number, number | null>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  replay({ path: [logId], value }: MetadataRecord<'trim'>): void {
    if (value) this.#noted.set(logId, value.beforeOffset)
    else this.#noted.delete(logId)
  }

  /** Continues interrupted removals. */
  resume(): void {
    if (this.#noted.size > 0) void this.removeAndReclaim([...this.#noted])
  }

  /** Removes the noted batches and frees their space. */
  async removeAndReclaim(removals: readonly Removal[]): Promise<void> {
    await this.remove(removals)
    try {
      if (!this.#parts.isStopped) await this.#parts.storage.reclaim()
    } catch (error) {
      this.#parts.stop(error)
    }
  }

  /**
   * Removes the noted batches. The note must be durable first: otherwise a crash could bring removed batches back into
   * reach. Many are removed at once, so that they share one sync.
   */
  async remove(removals: readonly Removal[]): Promise<void> {
    try {
      await Promise.all(removals.map((removal) => this.#removeBatches(removal)))
      const changes = this.#parts.beginEnding()
      // A later note covers more, and goes with its own removal.
      for (const [logId, beforeOffset] of removals)
        if (this.#noted.get(logId) === beforeOffset) changes.put('trim', [logId], null)
      await this.#parts.commit(changes)
    } catch (error) {
      // The note stays in the storage, so the removal continues at the next start. Nobody waits for this one, so the
      // next request reports the error.
      this.#parts.stop(error)
    }
  }

  async #removeBatches([logId, beforeOffset]: Removal): Promise<void> {
    const { storage } = this.#parts
    while (!this.#parts.isStopped && !(await storage.removeBatches(logId, beforeOffset)));
  }
}
