import {
  type Clock,
  InvalidRequestError,
  type Message,
  type Serde,
  SerializationError,
  type TopicDefinition,
} from '@kafkado/core'
import { type RecordContent, serializeField } from '@kafkado/core/internal'

/** A message that is serialised, and does not have its partition yet. */
export interface PreparedRecord {
  readonly content: Omit<RecordContent, 'key'> & { readonly key: Uint8Array | null }
  readonly partition: number | undefined
  readonly value: unknown
}

const encoder = new TextEncoder()

/** Hands a value on as it is. */
export const rawBytes: Pick<Serde<Uint8Array>, 'serialize'> = { serialize: (value) => value }

/** @throws SerializationError or InvalidRequestError */
export function prepareRecord<V, K>(
  { value, key = null, headers, partition, timestamp }: Message<V, K>,
  definition: TopicDefinition<V, K>,
  clock: Clock,
): PreparedRecord {
  const { name } = definition
  if (value === undefined) throw new SerializationError(`topic '${name}': there is no value; null sends a tombstone`)
  const time = timestamp === undefined ? clock.now() : Number(timestamp)
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new InvalidRequestError(`topic '${name}': timestamp must be a Date or milliseconds, got ${String(timestamp)}`)
  }
  const written = key === null ? null : serialize(definition, 'key', key)
  return {
    partition,
    value,
    content: {
      timestamp: time,
      key: typeof written === 'string' ? encoder.encode(written) : written,
      value: value === null ? null : serialize(definition, 'value', value),
      headers: headers ? Object.entries(headers) : [],
    },
  }
}

/** The size of a record in a batch at least; text beyond ASCII takes more. */
export function estimatedBytes({ key, value, headers }: RecordContent): number {
  return (
    (key?.length ?? 0) +
    (value?.length ?? 0) +
    headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 80)
  )
}

function serialize<V, K>(
  definition: TopicDefinition<V, K>,
  field: 'key' | 'value',
  content: K | V,
): string | Uint8Array {
  const { name, [field]: serde } = definition
  try {
    // Bytes are a key by themselves, whatever the text serde of keys says.
    if (field === 'key' && content instanceof Uint8Array) return content
    return serializeField(serde as TopicDefinition<K | V>['value'] as never, content as never, { topic: name, field })
  } catch (cause) {
    throw new SerializationError(
      `topic '${name}': the ${field} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}
