import type { Units } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'

interface Parts extends Units {
  readonly storage: Storage
  readonly isStopped: boolean
  stop(cause: unknown): Error
}

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
    for (const [logId, beforeOffset] of this.#noted) void this.remove(logId, beforeOffset)
  }

  /** Removes what was noted, which has to be durable: nothing may go that a crash would bring back into reach. */
  async remove(logId: number, beforeOffset: number | null): Promise<void> {
    const { storage } = this.#parts
    try {
      while (!this.#parts.isStopped && !(await storage.removeBatches(logId, beforeOffset)));
      // A later note means more, and goes when that is removed.
      if (this.#noted.get(logId) !== beforeOffset) return
      const changes = this.#parts.begin()
      changes.put('trim', [logId], null)
      await this.#parts.commit(changes)
      await storage.reclaim()
    } catch (error) {
      // It is noted in the storage and goes on at the next start. Nobody waits for it, so whoever comes next is told.
      this.#parts.stop(error)
    }
  }
}
