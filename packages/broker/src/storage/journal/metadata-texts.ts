import { StorageError } from '@kafkado/core'
import { keptRecord, type MetadataKind, type MetadataRecord } from '../metadata-record.ts'
import type { TextRecord } from './frame-operations.ts'

/** The newest value of each key, both in JSON. */
type Texts = ReadonlyMap<string, string | null>

/**
 * The metadata: what the last checkpoint has, and what changed since. So a checkpoint writes down what is fixed, slice
 * by slice, while changes go on; and mostly only what changed.
 */
export class MetadataTexts {
  readonly #kept = new Map<string, string>()
  /** What is being written to a checkpoint. */
  #leaving: Texts | undefined
  #changed = new Map<string, string | null>()
  /** What was read last, until something changes. */
  #byKind: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined
  /** About how long the changes are. */
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

  /** What a checkpoint has of it. */
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

  /** Fixes what the next checkpoint has: `changes` since the last one. */
  cut(): Texts {
    this.#leaving = this.#changed
    this.#changed = new Map()
    this.changedLength = 0
    return this.#leaving
  }

  /** All that was fixed, as records; after `settle` of the slices of `changes`. */
  all(): Iterable<[string, string]> {
    return this.#kept
  }

  /** Takes a slice of what was fixed into what is kept. */
  settle(slice: Iterable<readonly [string, string | null]>): void {
    for (const [key, value] of slice) keep(this.#kept, key, value)
  }

  /** What was fixed is all kept. */
  settled(): void {
    this.#leaving = undefined
  }
}

/** A key is the kind and then the path. */
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
