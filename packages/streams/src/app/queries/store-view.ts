import type { StoreEntry } from '../../task/store-query.ts'

/** The result of one window. */
export interface WindowEntryView<K, V> {
  readonly key: K
  readonly start: number
  readonly end: number
  readonly value: V
}

/** Asks the store with the answer. */
export type AskStore = (key: unknown, range?: { from: number; to: number }) => Promise<readonly StoreEntry[]>

/**
 * Reads a store of a running application, wherever the task with the key runs: in this process, in one of its workers,
 * or at another member that serves its queries. Values may not be committed yet. Kafka: interactive queries.
 */
export class StoreView<K = string, V = unknown> {
  readonly #ask: AskStore
  readonly #askAll: () => Promise<readonly StoreEntry[]>

  /** @internal use StreamsApp.query */
  constructor(ask: AskStore, askAll: () => Promise<readonly StoreEntry[]>) {
    this.#ask = ask
    this.#askAll = askAll
  }

  /**
   * The value of a key; undefined without one. In a windowed store it is the value of the last window.
   *
   * @throws KafkaError STORE_NOT_AVAILABLE, retriable, while the task with the key is restored or moves, or while its
   *   member serves no queries
   */
  async get(key: K): Promise<V | undefined> {
    return (await this.#ask(key)).at(-1)?.value as V | undefined
  }

  /** The windows of a key that begin from one time to another, both included. */
  async fetch(key: K, from: Date | number = 0, to: Date | number = Infinity): Promise<WindowEntryView<K, V>[]> {
    const entries = await this.#ask(key, { from: Number(from), to: Number(to) })
    return entries.map(({ start = 0, end = 0, value }) => ({ key, start, end, value: value as V }))
  }

  /** Everything that the tasks of this process hold. */
  async entries(): Promise<(readonly [key: K, value: V])[]> {
    return (await this.#askAll()).map(({ key, value }) => [key as K, value as V])
  }
}
