import { SerializationError } from '@kafkado/core'
import { serializeField } from '@kafkado/core/internal'
import type { StoreDefinition } from './store-definition.ts'
import { readTimestamped } from './stored-bytes.ts'

const encoder = new TextEncoder()

/** Writes and reads the keys and values of a store, with errors that name it. */
export class StoredValues {
  readonly #definition: StoreDefinition
  readonly #longestKeyBytes: number

  /** @param longestKeyBytes more cannot be stored; Infinity where there is no limit */
  constructor(definition: StoreDefinition, longestKeyBytes: number) {
    this.#definition = definition
    this.#longestKeyBytes = longestKeyBytes
  }

  /** @throws SerializationError */
  keyBytes(key: unknown): Uint8Array {
    const { name, keySerde } = this.#definition
    let bytes: Uint8Array
    try {
      const written = serializeField(keySerde, key, { topic: name, field: 'key' })
      bytes = typeof written === 'string' ? encoder.encode(written) : written
    } catch (cause) {
      throw notWritten(name, 'a key', cause)
    }
    if (bytes.length <= this.#longestKeyBytes) return bytes
    throw new SerializationError(
      `store '${name}': a key of ${bytes.length} bytes is longer than the ${this.#longestKeyBytes} that a folder for state can hold; keep this state in memory`,
    )
  }

  /** @throws SerializationError */
  write(key: unknown, value: unknown): string | Uint8Array {
    const { name, valueSerde } = this.#definition
    try {
      return serializeField(valueSerde, value, { topic: name, field: 'value' })
    } catch (cause) {
      throw notWritten(name, `the value of key ${describeKey(key)}`, cause)
    }
  }

  /** @throws SerializationError */
  readKey(bytes: Uint8Array): unknown {
    return this.#read('key', bytes)
  }

  /** @throws SerializationError */
  read(bytes: Uint8Array): unknown {
    return this.#read('value', bytes)
  }

  /** A value as a storage holds it. @throws SerializationError */
  readTimestamped(stored: Uint8Array): { readonly value: unknown; readonly timestamp: number } {
    let parts: ReturnType<typeof readTimestamped>
    try {
      parts = readTimestamped(stored)
    } catch (cause) {
      throw notRead(this.#definition.name, 'value', cause)
    }
    return { value: this.read(parts.value), timestamp: parts.timestamp }
  }

  #read(field: 'key' | 'value', bytes: Uint8Array): unknown {
    const { name, keySerde, valueSerde } = this.#definition
    try {
      return (field === 'key' ? keySerde : valueSerde).deserialize(bytes, { topic: name, field })
    } catch (cause) {
      throw notRead(name, field, cause)
    }
  }
}

function notRead(store: string, field: string, cause: unknown): SerializationError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new SerializationError(`store '${store}': a ${field} cannot be read: ${detail}`, { cause })
}

/** What says that something of a store cannot be written. */
export function notWritten(store: string, what: string, cause: unknown): SerializationError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new SerializationError(`store '${store}': ${what} cannot be written: ${detail}`, { cause })
}

function describeKey(key: unknown): string {
  if (typeof key === 'string') return `'${key}'`
  try {
    return JSON.stringify(key)
  } catch {
    return String(key)
  }
}

/**
 * Tries values as they are put, so that one which cannot be written is known by its record, and brings back what was there where a function has written
 * into that. Only for records of which one is known to be to blame, as it writes each value once more.
 */
export class TriedValues<E extends { readonly key: unknown; value: unknown }> {
  readonly #values: StoredValues
  readonly #good = new WeakMap<E, string | Uint8Array>()

  constructor(values: StoredValues) {
    this.#values = values
  }

  /** To be called with what is given out, as it may be written into. */
  onRead(entry: E): void {
    if (entry.value !== null && !this.#good.has(entry))
      this.#good.set(entry, this.#values.write(entry.key, entry.value))
  }

  /** To be called with what is to be put. @throws SerializationError when it cannot be written; then nothing has changed */
  onPut(key: unknown, value: unknown, entry: E | undefined): void {
    try {
      this.#values.keyBytes(key)
      const written = value === null ? undefined : this.#values.write(key, value)
      if (entry && written !== undefined) this.#good.set(entry, written)
    } catch (error) {
      if (entry) this.#bringBack(entry)
      throw error
    }
  }

  #bringBack(entry: E): void {
    const good = this.#good.get(entry)
    if (good !== undefined) entry.value = this.#values.read(typeof good === 'string' ? encoder.encode(good) : good)
  }
}
