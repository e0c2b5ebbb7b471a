import { InvalidRequestError } from '@kafkado/core'
import type { NodeContext } from '../../processors/processor.ts'
import type { KeyValueStore } from '../../state/key-value-store.ts'
import type { WindowEntry } from '../../state/window-entry.ts'
import type { WindowStore } from '../../state/window-store.ts'

/** A store by key, for a processor of your own. It returns copies: to change a row, put it. Kafka: KeyValueStore. */
export interface ProcessorStore<K, V> {
  get(key: K): V | undefined
  /** Sets the value of a key; null removes it. */
  put(key: K, value: V | null): void
  delete(key: K): void
  /** The rows from one key to another, both included, ordered by their serialised keys. */
  range(from: K, to: K): Iterable<readonly [key: K, value: V]>
  /** All rows, in the same order. */
  entries(): Iterable<readonly [key: K, value: V]>
}

/** When a window begins and ends, in milliseconds since the epoch. */
export interface WindowBounds {
  readonly start: number
  readonly end: number
}

/** A row of a store: a key, its window or session, and the value. */
export interface WindowRow<K, V> extends WindowBounds {
  readonly key: K
  readonly value: V
}

/**
 * A store by key and window, for a processor of your own. Its time is the latest start of a window so far. It forgets
 * windows that began longer ago than the retention; a put into such a window has no effect and is counted as late.
 * Kafka: WindowStore.
 */
export interface ProcessorWindowStore<K, V> {
  /** The value of a key in the window that begins at `start`. */
  get(key: K, start: number): V | undefined
  /** Sets the value of a key in the window that begins at `start`; null removes it. */
  put(key: K, value: V | null, start: number): void
  delete(key: K, start: number): void
  /** The windows of a key that begin from one time to another, both included, in their order. */
  fetch(key: K, from: number, to: number): WindowRow<K, V>[]
  /**
   * The windows of all keys that begin from one time to another, both included, by their starts and then by key. Kafka:
   * fetchAll.
   */
  fetchAll(from: number, to: number): WindowRow<K, V>[]
  /** All windows, in the same order. */
  entries(): WindowRow<K, V>[]
}

/**
 * A store by key and session, for a processor of your own. Its time is the latest end of a session so far. It forgets
 * sessions that ended longer ago than the retention; a put into such a session has no effect and is counted as late.
 * Kafka: SessionStore.
 */
export interface ProcessorSessionStore<K, V> {
  get(key: K, session: WindowBounds): V | undefined
  /** Sets the value of a session of a key; null removes it. */
  put(key: K, session: WindowBounds, value: V | null): void
  delete(key: K, session: WindowBounds): void
  /**
   * The sessions of a key that end at `earliestEnd` or later and begin at `latestStart` or before, in the order of
   * their ends.
   */
  findSessions(key: K, earliestEnd: number, latestStart: number): WindowRow<K, V>[]
  /** All sessions of a key, in the same order. */
  fetch(key: K): WindowRow<K, V>[]
  /** All sessions, in the order of their ends, then of their starts and keys. */
  entries(): WindowRow<K, V>[]
}

type Context = Pick<NodeContext, 'current' | 'drop' | 'isClosed'>

/** @throws InvalidRequestError when the task has ended: no store would keep the change */
function requireOpen({ isClosed }: Context, store: string): void {
  if (isClosed) throw new InvalidRequestError(`store '${store}': its task has ended, so nothing can be put any more`)
}

export function keyValueFace<K, V>(store: KeyValueStore<K, V>, context: Context): ProcessorStore<K, V> {
  const put = (key: K, value: V | null): void => {
    requireOpen(context, store.definition.name)
    store.put(key, value, Math.max(context.current.timestamp, 0))
  }
  return {
    get: (key) => store.get(key),
    put,
    delete: (key) => put(key, null),
    *range(from, to) {
      for (const { key, value } of store.range(from, to)) yield [key, value as V]
    },
    *entries() {
      for (const { key, value } of store.entries()) yield [key, value as V]
    },
  }
}

/** The time of a change is the start of its window. So the store also knows after a restart which windows are over. */
export function windowFace<K, V>(store: WindowStore<K, V>, context: Context): ProcessorWindowStore<K, V> {
  const { retentionMs, windowSizeMs } = store.definition
  const isKept = ({ start }: WindowEntry<K, V>): boolean => start > store.observedTime - retentionMs
  const put = (key: K, value: V | null, start: number): void => {
    requireOpen(context, store.definition.name)
    if (start <= store.observedTime - retentionMs) return context.drop('late')
    const entry = store.find(key, start)
    set(store, entry, value, start, () => store.add(key, start, start + windowSizeMs, value as V, start))
    store.forget(store.observedTime - retentionMs + windowSizeMs)
  }
  const fetchAll = (from: number, to: number): WindowRow<K, V>[] =>
    rowsOf(
      store.inOrder([...store.entries()].filter((entry) => isKept(entry) && entry.start >= from && entry.start <= to)),
    )
  return {
    get(key, start) {
      const entry = store.find(key, start)
      return entry && isKept(entry) ? (entry.value ?? undefined) : undefined
    },
    put,
    delete: (key, start) => put(key, null, start),
    fetch: (key, from, to) => rowsOf(store.fetch(key, from, to).filter(isKept)),
    fetchAll,
    entries: () => fetchAll(-Infinity, Infinity),
  }
}

/** As above, by the ends of the sessions. */
export function sessionFace<K, V>(store: WindowStore<K, V>, context: Context): ProcessorSessionStore<K, V> {
  const { retentionMs } = store.definition
  const isKept = ({ end }: WindowEntry<K, V>): boolean => end > store.observedTime - retentionMs
  const find = (key: K, { start, end }: WindowBounds): WindowEntry<K, V> | undefined =>
    store.overlapping(key, end, start).find((entry) => entry.start === start && entry.end === end)
  const findSessions = (key: K, earliestEnd: number, latestStart: number): WindowRow<K, V>[] =>
    rowsOf(store.inOrder(store.overlapping(key, earliestEnd, latestStart).filter(isKept)))
  const put = (key: K, session: WindowBounds, value: V | null): void => {
    const { start, end } = session
    requireOpen(context, store.definition.name)
    if (end <= store.observedTime - retentionMs) return context.drop('late')
    set(store, find(key, session), value, end, () => store.add(key, start, end, value as V, end))
    store.forget(store.observedTime - retentionMs)
  }
  return {
    get(key, session) {
      const entry = find(key, session)
      return entry && isKept(entry) ? (entry.value ?? undefined) : undefined
    },
    put,
    delete: (key, session) => put(key, session, null),
    findSessions,
    fetch: (key) => findSessions(key, -Infinity, Infinity),
    entries: () => rowsOf(store.inOrder([...store.entries()].filter(isKept))),
  }
}

function set<K, V>(
  store: WindowStore<K, V>,
  entry: WindowEntry<K, V> | undefined,
  value: V | null,
  timestamp: number,
  add: () => void,
): void {
  if (value === null || value === undefined) {
    if (entry) store.remove(entry, timestamp)
    else store.advance(timestamp)
  } else if (entry) store.update(entry, value, timestamp)
  else add()
}

function rowsOf<K, V>(entries: readonly WindowEntry<K, V>[]): WindowRow<K, V>[] {
  return entries.map(({ key, start, end, value }) => ({ key, start, end, value: value as V }))
}
