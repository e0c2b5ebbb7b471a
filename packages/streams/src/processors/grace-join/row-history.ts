import type { KeyValueStore } from '../../state/key-value-store.ts'
import { type Ending, TimeIndex } from '../../state/time-index.ts'
import type { TableGetter } from '../table-source.ts'
import { neededVersions, type Version, versionAt, withVersion } from './versions.ts'

/** A stream further behind its table than this, such as an empty one, does not make it keep more. */
const mostBehindMs = 10_000
/** How long a removal is remembered. An older row that comes later within this time stays removed. */
const removalKeptMs = 10_000

interface Superseded extends Ending {
  readonly key: unknown
}

interface SupersededKeys {
  readonly versions: TimeIndex<Superseded>
  readonly removals: TimeIndex<Superseded>
}

export interface RowHistoryParts {
  readonly store: KeyValueStore<unknown, readonly Version[]>
  /** How far behind the time of table and stream any version may be needed. */
  readonly graceMs: number
  readonly streamTime: () => number
  /** The times, however long ago, at which the row of a key will still be needed. */
  readonly awaited: (key: unknown) => readonly number[]
  /** The current rows, if they are kept. Rows older than the store are found there. */
  readonly present: TableGetter | undefined
}

/** The rows of a table at each time that may still be needed. Kafka: VersionedKeyValueStore. */
export class RowHistory {
  readonly #parts: RowHistoryParts
  /**
   * Keys, by the time from which later records no longer need their former versions, or their removal. Built from the
   * store when first needed.
   */
  #superseded: SupersededKeys | undefined

  constructor(parts: RowHistoryParts) {
    this.#parts = parts
  }

  /** A row has changed; null: it was removed. @param before the former row, if known */
  put(key: unknown, value: unknown, timestamp: number, before: unknown): void {
    const { store } = this.#parts
    const superseded = (this.#superseded ??= this.#restored())
    const present = store.entry(key)
    // If the store has no version yet, the row is older than the store.
    const known = present?.value ?? [{ from: 0, value: before ?? null }]
    const versions = withVersion(known, { from: timestamp, value })
    const latest = Math.max(timestamp, present?.timestamp ?? -1)
    const entry = store.put(key, versions, latest)
    note(superseded, entry.key, { from: timestamp, value })
    const [oldestAsked, { observedTime }] = [this.#oldestAsked, store]
    for (const { key: over } of superseded.versions.takeUntil(oldestAsked)) this.prune(over)
    for (const { key: over } of superseded.removals.takeUntil(observedTime)) this.prune(over)
  }

  /** The row of a key at a time; null if there was none, or it is no longer known. */
  at(key: unknown, time: number): unknown {
    const versions = this.#parts.store.get(key)
    if (versions) return versionAt(versions, time)?.value ?? null
    const row = this.#parts.present?.(key)
    return row && row.timestamp <= time ? row.value : null
  }

  /** Forgets versions that nobody will need. */
  prune(key: unknown): void {
    const { store, awaited, present } = this.#parts
    const entry = store.entry(key)
    if (!entry) return
    const versions = entry.value ?? []
    const forgotten = store.observedTime - removalKeptMs
    let needed = neededVersions(versions, { oldest: this.#oldestAsked, others: awaited(key), forgotten })
    // A row written after its removal, but with an earlier time, stays removed.
    if (needed.length === 0 && present?.(key)) needed = versions.slice(-1)
    if (needed.length < versions.length) store.update(entry, needed.length === 0 ? null : needed, entry.timestamp)
  }

  /** The earliest time that a record in time may still need. */
  get #oldestAsked(): number {
    const { store, graceMs, streamTime } = this.#parts
    const { observedTime } = store
    return Math.min(observedTime, Math.max(streamTime(), observedTime - mostBehindMs)) - graceMs
  }

  #restored(): SupersededKeys {
    const keys = { versions: new TimeIndex<Superseded>(), removals: new TimeIndex<Superseded>() }
    for (const { key, value } of this.#parts.store.entries()) {
      const versions = value ?? []
      if (versions.length === 1 && versions[0]?.value !== null) continue
      for (const version of versions) note(keys, key, version)
    }
    return keys
  }
}

function note({ versions, removals }: SupersededKeys, key: unknown, { from, value }: Version): void {
  versions.add({ key, end: from, isRemoved: false })
  if (value === null) removals.add({ key, end: from + removalKeptMs, isRemoved: false })
}
