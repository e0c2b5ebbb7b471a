import type { StorageChanges } from '../storage/storage.ts'

/**
 * The units that were handed to the storage and are not durable yet. In memory they are in force from the first moment,
 * so whoever found something out there answers only once they are durable: a crash must not take back what was told.
 * One that failed stays for ever.
 */
export class UndurableUnits {
  readonly #all = new Set<Promise<void>>()
  /** Those that change which partitions there are, or where they begin. */
  readonly #ofTopics = new Set<Promise<void>>()

  add(unit: Promise<void>, { records }: StorageChanges): void {
    this.#all.add(unit)
    if (records.some(({ kind }) => kind === 'topic' || kind === 'log')) this.#ofTopics.add(unit)
    const forget = (): void => {
      this.#all.delete(unit)
      this.#ofTopics.delete(unit)
    }
    unit.then(forget, () => undefined)
  }

  /**
   * Resolves when all that there are now are durable; undefined when there is none, as then nothing need be waited for.
   */
  settled(): Promise<unknown> | undefined {
    return this.#all.size === 0 ? undefined : Promise.all(this.#all)
  }

  /** As `settled`, of what readers of records see: these stop at the high watermark by themselves. */
  topicsSettled(): Promise<unknown> | undefined {
    return this.#ofTopics.size === 0 ? undefined : Promise.all(this.#ofTopics)
  }

  /** Resolves when nothing is being written any more, however it ended. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#all)
  }
}
