import {
  type Clock,
  InvalidRequestError,
  type Message,
  type Serde,
  type SerdeContext,
  SerializationError,
  type TopicDefinition,
} from '@kafkado/core'
import {
  encodeText,
  type Header,
  headerList,
  isBytes,
  isDate,
  isTimestamp,
  messageOf,
  type RecordContent,
  requireAttached,
  serializeField,
  showTyped,
} from '@kafkado/core/internal'

/** A serialised message without a partition yet. */
export interface PreparedRecord {
  readonly content: Omit<RecordContent, 'key'> & { readonly key: Uint8Array | null }
  readonly partition: number | undefined
  readonly value: unknown
}

/** Passes a value through unchanged. */
export const rawBytes: Serde<Uint8Array> = { serialize: (value) => value, deserialize: (bytes) => bytes }

/** @throws SerializationError or InvalidRequestError that names the part of the record that cannot be written */
export function prepareRecord<V, K>(
  { value, key = null, headers, partition, timestamp }: Message<V, K>,
  definition: TopicDefinition<V, K>,
  clock: Clock,
): PreparedRecord {
  const { name } = definition
  if (value === undefined) throw new SerializationError(`topic '${name}': there is no value; null sends a tombstone`)
  if (partition !== undefined && !(Number.isSafeInteger(partition) && partition >= 0))
    throw new InvalidRequestError(
      `topic '${name}': partition must be a whole number from 0 up, got ${showTyped(partition)}`,
    )
  return {
    partition,
    value,
    content: {
      timestamp: timestamp === undefined ? clock.now() : timeOf(timestamp, name),
      key: key === null ? null : keyBytes(definition, key),
      value: value === null ? null : written(name, 'value', definition.value, value, serializeField),
      headers: headers === undefined ? noHeaders : headersOf(headers, name),
    },
  }
}

const noHeaders: readonly Header[] = []

/** Copies the record's bytes, as the caller may change them before they are written. */
export function ownCopy({ content, ...record }: PreparedRecord): PreparedRecord {
  const { key, value, headers } = content
  return {
    ...record,
    content: {
      ...content,
      key: copyOf(key) as Uint8Array | null,
      value: copyOf(value),
      headers: headers.map(([name, header]) => [name, copyOf(header)]),
    },
  }
}

function copyOf(content: string | Uint8Array | null): string | Uint8Array | null {
  // A Buffer's own slice() is a view of the same bytes.
  return isBytes(content) ? Uint8Array.prototype.slice.call(content) : content
}

/** Refuses null and '', which Number() would turn into 0, a time in 1970. */
function timeOf(timestamp: unknown, topic: string): number {
  if (isTimestamp(timestamp)) return Number(timestamp)
  const given = isDate(timestamp)
    ? `a Date of ${Number.isNaN(timestamp.getTime()) ? 'no time' : 'before 1970'}`
    : showTyped(timestamp)
  throw new InvalidRequestError(
    `topic '${topic}': timestamp must be a Date or a whole number of milliseconds since 1970, got ${given}`,
  )
}

function headersOf(headers: unknown, topic: string): readonly Header[] {
  try {
    return headerList(headers)
  } catch (cause) {
    throw new InvalidRequestError(`topic '${topic}': ${(cause as Error).message}`, { cause })
  }
}

/** The least that a record takes in a batch, in bytes; text beyond ASCII takes more. */
export function estimatedBytes({ key, value, headers }: RecordContent): number {
  let sum = 80 + (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, content] of headers) sum += name.length + (content?.length ?? 0)
  return sum
}

function keyBytes<V, K>(definition: TopicDefinition<V, K>, key: K): Uint8Array {
  // Bytes are a valid key, whatever serde the keys have.
  if (isBytes(key)) {
    if (key.length === 0) requireAttached(`topic '${definition.name}': the key`, key)
    return key
  }
  return written(definition.name, 'key', definition.key, key, serializeAsBytes)
}

function serializeAsBytes<T>(serde: Serde<T>, content: T, context: SerdeContext): Uint8Array {
  const serialized = serializeField(serde, content, context)
  return typeof serialized === 'string' ? encodeText(serialized) : serialized
}

function written<T, Written>(
  topic: string,
  field: 'key' | 'value',
  serde: Serde<T>,
  content: T,
  serialize: (serde: Serde<T>, content: T, context: SerdeContext) => Written,
): Written {
  try {
    return serialize(serde, content, { topic, field })
  } catch (cause) {
    const because = messageOf(cause)
    throw new SerializationError(`topic '${topic}': the ${field} cannot be written: ${because}`, { cause })
  }
}
