import type { StateChange, StateStorage } from '../../src/state/state-storage.ts'

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

export function change(store: string, key: string, value: string | null): StateChange {
  return { store, key: text(key), value: value === null ? null : text(value) }
}

/** The content of stores, read by key and as a whole. */
export function contentOf(
  storage: Pick<StateStorage, 'table'>,
  stores: readonly string[],
): Record<string, Record<string, string>> {
  const contents = stores.map((name) => {
    const table = storage.table(name)
    const entries = [...table.entries()].map(([key, value]) => {
      const found = table.get(key)
      if (!found || Buffer.compare(found, value) !== 0)
        throw new Error(
          `the value of '${Buffer.from(key).toString()}' in '${name}' is another one when it is asked for by key`,
        )
      return [Buffer.from(key).toString(), Buffer.from(value).toString()] as const
    })
    return [name, Object.fromEntries(entries)] as const
  })
  return Object.fromEntries(contents)
}
