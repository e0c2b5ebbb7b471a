import type { StorageChanges } from '../storage/storage.ts'

/**
 * The units on their way to the disk. In memory they take effect at once, so a request that has seen their effect must
 * wait until they are durable: a crash must not take back anything already answered. A failed unit stays for ever.
 */
export class UndurableUnits {
  readonly #all = new Set<Promise<void>>()
  /** Units that change which partitions exist, or where they begin. */
  readonly #ofTopics = new Set<Promise<void>>()

  add(unit: Promise<void>, { records }: StorageChanges): void {
    this.#all.add(unit)
    if (records.some(({ kind }) => kind === 'topic' || kind === 'log')) this.#ofTopics.add(unit)
  }

  /** Forgets a unit that is durable. */
  remove(unit: Promise<void>): void {
    this.#all.delete(unit)
    if (this.#ofTopics.size > 0) this.#ofTopics.delete(unit)
  }

  /** Resolves when all present units are durable; undefined when there is none. */
  settled(): Promise<unknown> | undefined {
    return this.#all.size === 0 ? undefined : Promise.all(this.#all)
  }

  /**
   * Like `settled`, for everything that readers of records see: records themselves stop at the high watermark anyway.
   */
  topicsSettled(): Promise<unknown> | undefined {
    return this.#ofTopics.size === 0 ? undefined : Promise.all(this.#ofTopics)
  }

  /** Resolves when no write is under way, whatever its outcome. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#all)
  }
}
