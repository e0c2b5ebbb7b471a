import type { Units } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'

interface Parts extends Units {
  readonly storage: Storage
  readonly isStopped: boolean
  stop(cause: unknown): Error
}

/** Before which offset of a log; null: the whole log. */
type Removal = readonly [logId: number, beforeOffset: number | null]

/**
 * Removes batches that can no longer be reached, slice by slice. What is to be removed is noted, so it goes on after a
 * restart.
 */
export class BatchRemovals {
  readonly #parts: Parts
  /** By log, before which offset; null: the whole log. */
  readonly #noted = new Map<number, number | null>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  replay({ path: [logId], value }: MetadataRecord<'trim'>): void {
    if (value) this.#noted.set(logId, value.beforeOffset)
    else this.#noted.delete(logId)
  }

  /** Goes on with what a restart interrupted. */
  resume(): void {
    if (this.#noted.size > 0) void this.removeAndReclaim([...this.#noted])
  }

  /** Removes what was noted, and gives the room back. */
  async removeAndReclaim(removals: readonly Removal[]): Promise<void> {
    await this.remove(removals)
    try {
      if (!this.#parts.isStopped) await this.#parts.storage.reclaim()
    } catch (error) {
      this.#parts.stop(error)
    }
  }

  /**
   * Removes what was noted, which has to be durable: nothing may go that a crash would bring back into reach. Many are
   * removed at once, so that they share what it takes to make that durable.
   */
  async remove(removals: readonly Removal[]): Promise<void> {
    try {
      await Promise.all(removals.map((removal) => this.#removeBatches(removal)))
      const changes = this.#parts.begin()
      // A later note means more, and goes when that is removed.
      for (const [logId, beforeOffset] of removals)
        if (this.#noted.get(logId) === beforeOffset) changes.put('trim', [logId], null)
      await this.#parts.commit(changes)
    } catch (error) {
      // It is noted in the storage and goes on at the next start. Nobody waits for it, so whoever comes next is told.
      this.#parts.stop(error)
    }
  }

  async #removeBatches([logId, beforeOffset]: Removal): Promise<void> {
    const { storage } = this.#parts
    while (!this.#parts.isStopped && !(await storage.removeBatches(logId, beforeOffset)));
  }
}
