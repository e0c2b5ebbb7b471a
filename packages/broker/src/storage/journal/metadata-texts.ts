import { StorageError } from '@kafkado/core'
import { keptRecord, type MetadataKind, type MetadataRecord } from '../metadata-record.ts'
import type { TextRecord } from './frame-operations.ts'

/** The newest value of each key, both in JSON. */
type Texts = ReadonlyMap<string, string | null>

/**
 * The metadata: the content of the last checkpoint, and the changes since. So a checkpoint can write a fixed state,
 * slice by slice, while changes continue; most checkpoints only write changes.
 */
export class MetadataTexts {
  readonly #kept = new Map<string, string>()
  /** The changes being written to a checkpoint. */
  #leaving: Texts | undefined
  #changed = new Map<string, string | null>()
  /** The last sorted result, until something changes. */
  #byKind: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined
  /** The approximate length of the changes. */
  changedLength = 0

  get hasChanged(): boolean {
    return this.#changed.size > 0
  }

  apply(records: readonly TextRecord[]): void {
    this.#byKind = undefined
    for (const { key, value } of records) {
      this.#changed.set(key, value)
      this.changedLength += key.length + (value?.length ?? 0)
    }
  }

  /** Restores the content of a checkpoint. */
  restore(records: Iterable<TextRecord>): void {
    for (const { key, value } of records) keep(this.#kept, key, value)
  }

  read<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    // The engine reads one kind after the other when it starts.
    this.#byKind ??= this.#sorted()
    return [...(this.#byKind.get(kind) ?? [])].map(([key, value]) => keptRecord(kind, pathIn(key), parse(value, key)))
  }

  #sorted(): Map<string, Map<string, string>> {
    const byKind = new Map<string, Map<string, string>>()
    for (const texts of [this.#kept, this.#leaving ?? [], this.#changed]) {
      for (const [key, value] of texts) {
        const kind = key.slice(2, key.indexOf('"', 2))
        let found = byKind.get(kind)
        if (!found) byKind.set(kind, (found = new Map()))
        keep(found, key, value)
      }
    }
    return byKind
  }

  /** Fixes the content of the next checkpoint: the `changes` since the last one. */
  cut(): Texts {
    this.#leaving = this.#changed
    this.#changed = new Map()
    this.changedLength = 0
    return this.#leaving
  }

  /** All fixed records; after `settle` of all slices of `changes`. */
  all(): Iterable<[string, string]> {
    return this.#kept
  }

  /** Merges a slice of the fixed changes. */
  settle(slice: Iterable<readonly [string, string | null]>): void {
    for (const [key, value] of slice) keep(this.#kept, key, value)
  }

  /** All fixed changes are merged. */
  settled(): void {
    this.#leaving = undefined
  }
}

/** A key is the kind followed by the path. */
function pathIn(key: string): unknown[] {
  const parts = parse(key, key)
  if (Array.isArray(parts)) return parts.slice(1)
  throw unreadable(key, 'that is no list')
}

function parse(json: string, key: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw unreadable(key, String(cause), cause)
  }
}

/** The checksums of its file are right, so it was written like this. */
function unreadable(key: string, what: string, cause?: unknown): StorageError {
  const message = `the record ${key} in the journal cannot be read: ${what}. Bring the folder back from a copy`
  return new StorageError(message, { cause, retriable: false, outcome: 'failed' })
}

function keep(texts: Map<string, string>, key: string, value: string | null): void {
  if (value === null) texts.delete(key)
  else texts.set(key, value)
}
