import { showTyped } from '../config/show-value.ts'
import { encodeText, isBytes } from '../batch/format/record-content.ts'
import { refuseLoss } from './json-loss.ts'
import { type ReadSerde, readingText, type SerdeContext, type Serde, type TextSerde } from './serde.ts'

const parseJson = /* @__PURE__ */ readingText((text) => JSON.parse(text) as unknown)
const parseString = /* @__PURE__ */ readingText((text) => text)

/** JSON for whoever only reads: it leaves the checks of writing out of a page. */
export const readJson: ReadSerde<unknown> = { deserialize: parseJson }

/** Strings for whoever only reads. */
export const readString: ReadSerde<string> = { deserialize: parseString }

/**
 * JSON as UTF-8: the default for values. Nothing checks `T`; use {@link schema} for that. Writing refuses values that
 * JSON would silently change: bytes, Map and Set, NaN and the infinities, functions and symbols, undefined in a list.
 * An undefined property is left out, and an object with `toJSON`, such as a Date, is written as that method says.
 */
export function json<T = unknown>(): TextSerde<T> {
  const stringify = (value: T): string => {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) throw new TypeError(`${typeof value} cannot be written as JSON`)
    refuseLoss(value)
    return text
  }
  return {
    stringify,
    serialize: (value) => encodeText(stringify(value)),
    deserialize: parseJson as ReadSerde<T>['deserialize'],
  }
}

/** UTF-8 strings: the default for keys. Kafka's StringSerializer. */
export function string(): TextSerde<string> {
  const stringify = (value: string): string => {
    if (typeof value !== 'string') throw new TypeError(`expected a string, got ${showTyped(value)}`)
    return value
  }
  return {
    stringify,
    serialize: (value) => encodeText(stringify(value)),
    deserialize: parseString,
  }
}

/** Bytes as they are. Kafka's ByteArraySerializer. */
export function bytes(): Serde<Uint8Array> {
  return {
    serialize(value) {
      if (isBytes(value)) return value
      throw new TypeError(`expected a Uint8Array, got ${showTyped(value)}`)
    },
    deserialize: (content) => content,
  }
}

/** A 64-bit integer, big-endian, within ±(2^53 − 1). Kafka's LongSerializer. */
export function int64(): Serde<number> {
  return {
    serialize(value) {
      if (!Number.isSafeInteger(value))
        throw new TypeError(`expected a whole number within ±(2^53 - 1), got ${showTyped(value)}`)
      const content = new Uint8Array(8)
      new DataView(content.buffer).setBigInt64(0, BigInt(value))
      return content
    },
    deserialize(content) {
      const value = eightBytes(content).getBigInt64(0)
      if (BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value))) return Number(value)
      throw new RangeError(`${value} is beyond 2^53 - 1 and would be rounded`)
    },
  }
}

/** A 64-bit floating-point number, big-endian. Kafka's DoubleSerializer. */
export function float64(): Serde<number> {
  return {
    serialize(value) {
      if (typeof value !== 'number') throw new TypeError(`expected a number, got ${showTyped(value)}`)
      const content = new Uint8Array(8)
      new DataView(content.buffer).setFloat64(0, value)
      return content
    },
    deserialize: (content) => eightBytes(content).getFloat64(0),
  }
}

/**
 * The default for keys: strings as UTF-8, bytes unchanged. It refuses everything else, because a key that is written
 * differently lands in another partition.
 */
export const defaultKeySerde: DefaultKeySerde = /* @__PURE__ */ makeDefaultKeySerde()

interface DefaultKeySerde extends TextSerde<string> {
  serialize(value: string | Uint8Array, context: SerdeContext): Uint8Array
}

function makeDefaultKeySerde(): DefaultKeySerde {
  return {
    ...string(),
    stringify(value) {
      if (typeof value === 'string') return value
      throw new TypeError(
        `expected a string, got ${showTyped(value)}; for other keys define the topic with defineTopic(name, ` +
          "{ key: 'int64' | 'float64' | 'bytes' | a serde })",
      )
    },
  }
}

function eightBytes(content: Uint8Array): DataView {
  if (content.length !== 8) throw new RangeError(`expected 8 bytes, got ${content.length}`)
  return new DataView(content.buffer, content.byteOffset, 8)
}
