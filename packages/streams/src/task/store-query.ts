import { SerializationError } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import { KeyValueStore } from '../state/key-value-store.ts'
import type { StateStore, StoreDefinition } from '../state/store-definition.ts'
import { WindowStore } from '../state/window-store.ts'

/** A query to a store. */
export interface StoreQuery {
  readonly store: string
  /** The serialised key; undefined asks for everything. */
  readonly key: Uint8Array | undefined
  /** The partition of the task with the key. */
  readonly partition?: number
  readonly from?: number
  readonly to?: number
}

/** A row in a store's answer. */
export interface StoreEntry {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly start?: number
  readonly end?: number
}

/** Answers a query from a store. @throws SerializationError when the key cannot be read */
export function queryStore(store: StateStore, { key, from = 0, to = Infinity }: StoreQuery): StoreEntry[] {
  const wanted = key && readKey(store.definition, key)
  if (store instanceof KeyValueStore) {
    if (key === undefined)
      return [...store.entries()].map(({ key: own, value, timestamp }) => ({ key: own, value, timestamp }))
    const entry = store.entry(wanted)
    return entry ? [{ key: wanted, value: entry.value, timestamp: entry.timestamp }] : []
  }
  if (store instanceof WindowStore) {
    const entries = key === undefined ? [...store.entries()] : store.fetch(wanted, from, to)
    return entries
      .filter(({ holding, start }) => holding !== null && start >= from && start <= to)
      .map(({ key: own, value, timestamp, start, end }) => ({ key: own, value, timestamp, start, end }))
  }
  return []
}

function readKey({ keySerde, name }: StoreDefinition, key: Uint8Array): unknown {
  try {
    return keySerde.deserialize(key, { topic: name, field: 'key' })
  } catch (cause) {
    throw new SerializationError(`store '${name}': the key of the query cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  }
}
