import type { KeyValueEntry, KeyValueStore } from '../../state/key-value-store.ts'
import { type Ending, TimeIndex } from '../../state/time-index.ts'
import type { TableGetter } from '../table-source.ts'
import { neededVersions, type Version, versionAt, withVersion } from './versions.ts'

/** A stream that is further behind its table than this, such as one that has nothing, does not make it keep more. */
const mostBehindMs = 10_000

type Entry = KeyValueEntry<unknown, readonly Version[]>

interface Superseded extends Ending {
  readonly key: unknown
}

export interface RowHistoryParts {
  readonly store: KeyValueStore<unknown, readonly Version[]>
  /** How far back behind the time of table and stream any version may be asked for. */
  readonly graceMs: number
  readonly streamTime: () => number
  /** The times, however long ago, for which the row of a key will still be asked. */
  readonly awaited: (key: unknown) => readonly number[]
  /** The rows as they are now, where they are kept: those that are older than the store are found there. */
  readonly present: TableGetter | undefined
}

/** What the rows of a table were at each time that may still be asked for. Kafka: VersionedKeyValueStore. */
export class RowHistory {
  readonly #parts: RowHistoryParts
  /**
   * Keys, by the time from which on what they had before is of interest to nobody who comes later. Made from the store
   * when it is first needed.
   */
  #superseded: TimeIndex<Superseded> | undefined

  constructor(parts: RowHistoryParts) {
    this.#parts = parts
  }

  /** A row has changed; null: it was removed. @param before what it was, where that is known */
  put(key: unknown, value: unknown, timestamp: number, before: unknown): void {
    const { store } = this.#parts
    const superseded = (this.#superseded ??= this.#restored())
    const present = store.entry(key)
    // What is not here yet was a row before this store was made.
    const known = present?.value ?? [{ from: 0, value: before ?? null }]
    const versions = withVersion(known, { from: timestamp, value })
    const latest = Math.max(timestamp, present?.timestamp ?? -1)
    const entry = store.put(key, versions, latest)
    superseded.add({ key: entry.key, end: timestamp, isRemoved: false })
    for (const { key: over } of superseded.takeUntil(this.#oldestAsked)) this.prune(over)
  }

  /** What the row of a key was at a time; null where there was none, or it is no longer known. */
  at(key: unknown, time: number): unknown {
    const versions = this.#parts.store.get(key)
    if (versions) return versionAt(versions, time)?.value ?? null
    const row = this.#parts.present?.(key)
    return row && row.timestamp <= time ? row.value : null
  }

  /** Forgets what nobody will ask for any more. */
  prune(key: unknown): void {
    const { store, awaited, present } = this.#parts
    const entry = store.entry(key)
    if (!entry) return
    const versions = entry.value ?? []
    let needed = neededVersions(versions, this.#oldestAsked, awaited(key))
    // A row that was written after it was removed, but with an earlier time, stays removed.
    if (needed.length === 0 && present?.(key)) needed = versions.slice(-1)
    if (needed.length < versions.length) store.update(entry, needed.length === 0 ? null : needed, entry.timestamp)
  }

  /** The earliest time for which a record in time may still ask. */
  get #oldestAsked(): number {
    const { store, graceMs, streamTime } = this.#parts
    const { observedTime } = store
    return Math.min(observedTime, Math.max(streamTime(), observedTime - mostBehindMs)) - graceMs
  }

  #restored(): TimeIndex<Superseded> {
    const index = new TimeIndex<Superseded>()
    for (const entry of this.#parts.store.entries()) this.#note(index, entry)
    return index
  }

  #note(index: TimeIndex<Superseded>, { key, value }: Entry): void {
    const versions = value ?? []
    if (versions.length === 1 && versions[0]?.value !== null) return
    for (const { from } of versions) index.add({ key, end: from, isRemoved: false })
  }
}
