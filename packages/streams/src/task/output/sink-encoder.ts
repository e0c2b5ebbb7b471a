import { SerializationError, type TopicDefinition } from '@kafkado/core'
import { messageOf, serializeField } from '@kafkado/core/internal'

const encoder = new TextEncoder()

/** Serialises a key; its bytes decide the partition. @throws SerializationError that names the topic */
export function encodeKey(topic: TopicDefinition<unknown, unknown>, key: unknown): Uint8Array | null {
  const written = encodeField(topic, 'key', key)
  return typeof written === 'string' ? encoder.encode(written) : written
}

/** Serialises a value for a batch. @throws SerializationError that names the topic */
export function encodeValue(topic: TopicDefinition<unknown, unknown>, value: unknown): string | Uint8Array | null {
  return encodeField(topic, 'value', value)
}

function encodeField(
  { name, key, value }: TopicDefinition<unknown, unknown>,
  field: 'key' | 'value',
  content: unknown,
): string | Uint8Array | null {
  if (content === null || content === undefined) return null
  try {
    return serializeField(field === 'key' ? key : value, content, { topic: name, field })
  } catch (cause) {
    throw new SerializationError(`topic '${name}': the ${field} cannot be written: ${messageOf(cause)}`, { cause })
  }
}
