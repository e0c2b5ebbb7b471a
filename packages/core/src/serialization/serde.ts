import { readText } from '#text-memory'
import { showTyped } from '../config/show-value.ts'
import { isBytes, requireAttached } from '../batch/format/record-content.ts'

/** The record being written or read, for messages and for serdes that depend on it. */
export interface SerdeContext {
  readonly topic: string
  readonly field: 'key' | 'value'
  /** Known only when reading. */
  readonly partition?: number | undefined
  readonly offset?: number | undefined
}

/**
 * Turns values into bytes and back, like Kafka's Serializer and Deserializer. Null keys and tombstones never reach it.
 */
export interface Serde<T> {
  /** @throws any error when the value cannot be written; it becomes the cause of a SerializationError */
  serialize(value: T, context: SerdeContext): Uint8Array
  /** @throws any error when the bytes are not readable; it becomes the cause of a SerializationError */
  deserialize(bytes: Uint8Array, context: SerdeContext): T
}

/** The part of a serde that reading needs. */
export type ReadSerde<T> = Pick<Serde<T>, 'deserialize'>

/** A serde whose bytes are UTF-8. The string goes straight into the batch, without an encoding step of its own. */
export interface TextSerde<T> extends Serde<T> {
  stringify(value: T, context: SerdeContext): string
}

export function isTextSerde<T>(serde: Serde<T>): serde is TextSerde<T> {
  return 'stringify' in serde
}

/**
 * The value for a record batch: a string if the serde writes strings, otherwise bytes.
 *
 * @throws the serde's error, and TypeError when the serde returns something else
 */
export function serializeField<T>(serde: Serde<T>, value: T, context: SerdeContext): string | Uint8Array {
  const written: unknown = isTextSerde(serde) ? serde.stringify(value, context) : serde.serialize(value, context)
  if (typeof written === 'string') return written
  if (isBytes(written)) {
    requireAttached('what the serde returned', written)
    return written
  }
  // Nobody waits for this promise, so its rejection must not surface.
  if (written instanceof Promise) written.catch(() => undefined)
  throw new TypeError(
    `the serde returned ${showTyped(written)}; it has to return a Uint8Array, at once and not by a Promise`,
  )
}

const fromText = Symbol('kafkado: what it makes of a text')

/** A `deserialize` that makes its value of the text. */
interface TextDeserialize<T> {
  (bytes: Uint8Array): T
  readonly [fromText]: (text: string) => T
}

/**
 * A serde's `deserialize` from what it makes of UTF-8 text. A reader then needs no view of the bytes, see
 * {@link parserOf}.
 */
export function readingText<T>(parse: (text: string) => T): (bytes: Uint8Array) => T {
  return Object.assign((bytes: Uint8Array): T => parse(readText(bytes)), { [fromText]: parse })
}

/**
 * What the serde makes of a text; undefined if it reads bytes. The function itself says so: a serde that takes over
 * everything but `deserialize` is read by its own.
 */
export function parserOf<T>(serde: ReadSerde<T>): ((text: string) => T) | undefined {
  return (serde.deserialize as Partial<TextDeserialize<T>>)[fromText]
}
