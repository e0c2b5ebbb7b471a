import type { MetadataKind, MetadataRecord } from '../metadata-record.ts'
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
    return [...(this.#byKind.get(kind) ?? [])].map(([key, value]) => {
      const path = (JSON.parse(key) as unknown[]).slice(1)
      return { kind, path, value: JSON.parse(value) as unknown } as unknown as MetadataRecord<Kind>
    })
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

function keep(texts: Map<string, string>, key: string, value: string | null): void {
  if (value === null) texts.delete(key)
  else texts.set(key, value)
}
