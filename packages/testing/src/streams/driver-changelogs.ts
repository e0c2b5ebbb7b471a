import type { LoggedChange } from '@kafkado/streams'
import type { StateStore } from '@kafkado/streams/internal'

/** The changes that a driver's stores have written, from which they are restored. */
export class DriverChangelogs {
  readonly #byStore = new Map<string, LoggedChange[]>()

  add(store: string, changes: readonly LoggedChange[]): void {
    this.#byStore.set(store, [...(this.#byStore.get(store) ?? []), ...changes])
  }

  restore(stores: ReadonlyMap<string, StateStore>): void {
    for (const [name, store] of stores)
      for (const { key, value, timestamp } of this.#byStore.get(name) ?? [])
        store.restore(key, typeof value === 'string' ? new TextEncoder().encode(value) : value, timestamp)
  }
}
