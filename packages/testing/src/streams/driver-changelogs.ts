import type { LoggedChange } from '@kafkado/streams'
import type { StateStore } from '@kafkado/streams/internal'

/** The changes that a driver's stores have written, from which they are restored. */
export class DriverChangelogs {
  readonly #byStore = new Map<string, LoggedChange[]>()

  add(store: string, changes: readonly LoggedChange[]): void {
    const own = this.#byStore.get(store) ?? []
    for (const change of changes) own.push(change)
    this.#byStore.set(store, own)
  }

  restore(stores: ReadonlyMap<string, StateStore>): void {
    for (const [name, store] of stores)
      for (const { key, value, timestamp } of this.#byStore.get(name) ?? [])
        store.restore(key, typeof value === 'string' ? new TextEncoder().encode(value) : value, timestamp)
  }
}
