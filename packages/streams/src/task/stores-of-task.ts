import { InvalidRequestError } from '@kafkado/core'
import { KeyValueStore } from '../state/key-value-store.ts'
import type { StateStore } from '../state/store-definition.ts'
import { WindowStore } from '../state/window-store.ts'

/** The stores of a task by their names. */
export class StoresOfTask {
  readonly all: ReadonlyMap<string, StateStore>
  readonly #task: string

  constructor(all: ReadonlyMap<string, StateStore>, task: string) {
    this.all = all
    this.#task = task
  }

  /** Whether a store has changes that its changelog lacks. */
  get haveChanges(): boolean {
    for (const { hasChanges } of this.all.values()) if (hasChanges) return true
    return false
  }

  keyValue<K, V>(name: string): KeyValueStore<K, V> {
    const store = this.all.get(name)
    if (store instanceof KeyValueStore) return store as KeyValueStore<K, V>
    throw new InvalidRequestError(`there is no key-value store '${name}' in task ${this.#task}`)
  }

  window<K, V>(name: string): WindowStore<K, V> {
    const store = this.all.get(name)
    if (store instanceof WindowStore) return store as WindowStore<K, V>
    throw new InvalidRequestError(`there is no window store '${name}' in task ${this.#task}`)
  }
}
