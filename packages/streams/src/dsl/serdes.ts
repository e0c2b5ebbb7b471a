import { defineTopic, type Serde, type TopicDefinition } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { StreamParts } from './parts.ts'
import type { AnySerdeLike } from './types.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Begins what is not text; no JSON does. */
const mark = 0

/** The serde that a name, a serde or a validator stands for. */
export function serdeOf(like: AnySerdeLike): Serde<unknown> {
  return defineTopic('serde', { value: like }).value as Serde<unknown>
}

/**
 * What keys are written with in internal topics when an operator made them: text as it is, so that it meets the text
 * keys of other topics, and anything else as JSON behind a zero byte.
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

/**
 * What the keys of an output topic are written with that was given by name: the form of derived keys is nobody else's
 * to read.
 */
function outputKeySerde(serde: Serde<unknown>): Serde<unknown> {
  if (serde !== derivedKeySerde) return serde
  return {
    serialize(key: unknown, context) {
      if (typeof key === 'string') return encoder.encode(key)
      throw new TypeError(
        `expected a text as key, got ${typeof key}: write to defineTopic('${context.topic}', { key: … }), which says` +
          ` how such keys are written`,
      )
    },
    deserialize: (bytes) => decoder.decode(bytes),
  }
}

/** The topic that a stream is written to: as it is defined, or by name and written as the stream's records are. */
export function outputTopicOf(
  { key, value }: Pick<StreamParts, 'key' | 'value'>,
  topic: unknown,
): TopicDefinition<unknown, unknown> {
  if (typeof topic === 'object' && topic !== null) return topic as TopicDefinition<unknown, unknown>
  return { name: topicDefinitionOf(topic as string).name, key: outputKeySerde(key), value }
}

/** The stream with its values written in another way, where one is given. */
export function valued(parts: StreamParts, value: AnySerdeLike | undefined): StreamParts {
  return value === undefined ? parts : { ...parts, value: serdeOf(value) }
}
