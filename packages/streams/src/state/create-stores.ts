import { KeyValueStore } from './key-value-store.ts'
import type { StateStorage } from './state-storage.ts'
import type { StateStore, StoreDefinition } from './store-definition.ts'
import { WindowStore } from './window-store.ts'

/**
 * Makes the stores of one task.
 *
 * @param storage keeps them over restarts, if given
 */
export function createStores(
  definitions: readonly StoreDefinition[],
  storage?: Pick<StateStorage, 'table'>,
): Map<string, StateStore> {
  return new Map(
    definitions.map((definition) => {
      const table = definition.isLogged ? storage?.table(definition.name) : undefined
      const store = definition.kind === 'key-value' ? new KeyValueStore(definition, table) : new WindowStore(definition)
      return [definition.name, store]
    }),
  )
}
