import { copyBytes, messageOf, serializeField } from '@kafkado/core/internal'
import { given, type Held, heldAsPlain, WrittenValue } from './held-values.ts'
import type { StoreDefinition } from './store-definition.ts'
import { notWritten, StoreError } from './store-error.ts'
import { readTimestamped } from './stored-bytes.ts'

const encoder = new TextEncoder()

/** Writes and reads the keys and values of a store. Its errors name the store. */
export class StoredValues {
  readonly #definition: StoreDefinition

  constructor(definition: StoreDefinition) {
    this.#definition = definition
  }

  /** @param key given or held @throws StoreError */
  keyBytes(key: unknown): Uint8Array {
    const written = key instanceof WrittenValue ? key.content : this.#writeKey(key)
    return typeof written === 'string' ? encoder.encode(written) : written
  }

  /** @throws StoreError */
  write(key: unknown, value: unknown): string | Uint8Array {
    const { name, valueSerde } = this.#definition
    try {
      return serializeField(valueSerde, value, { topic: name, field: 'value' })
    } catch (cause) {
      throw notWritten(name, `the value of key ${describeKey(given(key))}`, cause)
    }
  }

  /** @throws StoreError */
  readonly readKey = (bytes: Uint8Array): unknown => this.#read('key', bytes)

  /** @throws StoreError */
  readonly read = (bytes: Uint8Array): unknown => this.#read('value', bytes)

  /**
   * Makes the held form of a value, which never changes.
   *
   * @throws StoreError when the value must be serialised and cannot be
   */
  hold(key: unknown, value: unknown): Held {
    const plain = heldAsPlain(value)
    return plain === undefined ? this.#held(this.write(key, value), this.read) : plain
  }

  /** The same for a key. */
  holdKey(key: unknown): Held {
    const plain = heldAsPlain(key)
    return plain === undefined ? this.#held(this.#writeKey(key), this.readKey) : plain
  }

  /** Makes the held form of a serialised value. @throws StoreError */
  holdAsRead(bytes: Uint8Array): Held {
    const plain = heldAsPlain(this.read(bytes))
    return plain === undefined ? this.#held(bytes, this.read) : plain
  }

  /** Reads a value of a storage. @throws StoreError */
  readTimestamped(stored: Uint8Array): { readonly holding: Held; readonly timestamp: number } {
    let parts: ReturnType<typeof readTimestamped>
    try {
      parts = readTimestamped(stored)
    } catch (cause) {
      throw notRead(this.#definition.name, 'value', cause)
    }
    return { holding: this.holdAsRead(parts.value), timestamp: parts.timestamp }
  }

  /** Serialises a held value for the changelog. @throws StoreError */
  writeHeld(key: unknown, holding: Held): string | Uint8Array | null {
    if (holding === null) return null
    return holding instanceof WrittenValue ? holding.content : this.write(key, holding)
  }

  /** Tests whether key and value can be serialised, while their record is known. @throws StoreError */
  try(key: unknown, value: unknown): void {
    this.keyBytes(key)
    if (value !== null) this.write(key, value)
  }

  /** Copies the bytes, because others may have them too. */
  #held(content: string | Uint8Array, read: (bytes: Uint8Array) => unknown): WrittenValue {
    return new WrittenValue(typeof content === 'string' ? content : copyBytes(content), read)
  }

  #writeKey(key: unknown): string | Uint8Array {
    const { name, keySerde } = this.#definition
    try {
      return serializeField(keySerde, key, { topic: name, field: 'key' })
    } catch (cause) {
      throw notWritten(name, 'a key', cause)
    }
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

function notRead(store: string, field: string, cause: unknown): StoreError {
  const detail = messageOf(cause)
  return new StoreError(store, `a ${field} cannot be read: ${detail}`, cause)
}

function describeKey(key: unknown): string {
  if (typeof key === 'string') return `'${key}'`
  try {
    return JSON.stringify(key)
  } catch {
    return String(key)
  }
}
