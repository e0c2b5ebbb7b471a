import { givenUp, type Held } from '../state/held-values.ts'
import type { KeyValueEntry } from '../state/key-value-store.ts'
import type { WindowEntry } from '../state/window-entry.ts'
import type { Forward, NodeContext } from './processor.ts'

/** Forwards a changed row. `before` is its former value, and `entry` is the store's present entry, if any. */
export type TellRow = (
  key: unknown,
  value: unknown,
  timestamp: number,
  before: Held,
  beforeTimestamp: number,
  entry: KeyValueEntry | undefined,
) => void

/** The same for a window. */
export type TellWindow = (
  key: unknown,
  bounds: { readonly start: number; readonly end: number },
  value: unknown,
  timestamp: number,
  before: Held,
  entry: WindowEntry | undefined,
) => void

/** Forwards at once, or through the cache of the store, if there is one. */
export function tellingRows(
  context: NodeContext,
  store: string,
  name: string,
  forward: Forward,
  mayHoldBack = true,
): TellRow {
  const cache = mayHoldBack ? context.caches.make(store, name, forward) : undefined
  if (!cache) return (key, value, timestamp, before) => forward(key, value, timestamp, givenUp(before))
  return (_key, _value, timestamp, before, beforeTimestamp, entry) => {
    if (entry) cache.put(entry, timestamp, before, beforeTimestamp)
  }
}

/** The same for windows. */
export function tellingWindows(context: NodeContext, store: string, name: string, forward: Forward): TellWindow {
  const cache = context.caches.make(store, name, forward)
  if (!cache)
    return (key, { start, end }, value, timestamp, before) =>
      forward({ key, start, end }, value, timestamp, givenUp(before))
  return (_key, _bounds, _value, timestamp, before, entry) => {
    if (entry) cache.put(entry, timestamp, before, -1)
  }
}
