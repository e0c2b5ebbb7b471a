import { defineTopic, type Serde, type TopicDefinition } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { StreamParts } from './parts.ts'
import type { AnySerdeLike } from './types.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Marks a key that is not a string. No JSON begins with it. */
const mark = 0

/** Finds the serde for a name, a serde or a validator. */
export function serdeOf(like: AnySerdeLike): Serde<unknown> {
  return defineTopic('serde', { value: like }).value as Serde<unknown>
}

/**
 * Writes the keys of internal topics after an operator has made them: strings as they are, so that they meet other
 * string keys, and anything else as JSON after a zero byte.
 */
export const derivedKeySerde: Serde<unknown> = {
  serialize(key: unknown) {
    if (typeof key === 'string') return encoder.encode(key)
    const text = JSON.stringify(key) as string | undefined
    if (text === undefined) throw new TypeError(`a ${typeof key} cannot be a key`)
    const bytes = encoder.encode(` ${text}`)
    bytes[0] = mark
    return bytes
  },
  deserialize: (bytes) =>
    bytes[0] === mark ? (JSON.parse(decoder.decode(bytes.subarray(1))) as unknown) : decoder.decode(bytes),
}

/** The serde of the keys in an output topic given by name. Other readers do not know the form of derived keys. */
function outputKeySerde(serde: Serde<unknown>): Serde<unknown> {
  if (serde !== derivedKeySerde) return serde
  return {
    serialize(key: unknown, context) {
      if (typeof key === 'string') return encoder.encode(key)
      throw new TypeError(
        `expected a string as key, got ${typeof key}: write to defineTopic('${context.topic}', { key: … }), ` +
          'with the serde of the keys',
      )
    },
    deserialize: (bytes) => decoder.decode(bytes),
  }
}

/** The topic that a stream writes to: as defined, or by name with the serdes of the stream. */
export function outputTopicOf(
  { key, value }: Pick<StreamParts, 'key' | 'value'>,
  topic: unknown,
): TopicDefinition<unknown, unknown> {
  if (typeof topic === 'object' && topic !== null) return topic as TopicDefinition<unknown, unknown>
  return { name: topicDefinitionOf(topic as string).name, key: outputKeySerde(key), value }
}

/** The stream with another serde for its values, if one is given. */
export function valued(parts: StreamParts, value: AnySerdeLike | undefined): StreamParts {
  return value === undefined ? parts : { ...parts, value: serdeOf(value) }
}
