import { defineTopic, type Serde } from '@kafkado/core'
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
 * What keys are written with in internal topics when an operator made them: text as it is, so that it meets the text keys of other topics, and
 * anything else as JSON behind a zero byte.
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

/** What the keys of an output topic are written with that was given by name: the form of derived keys is nobody else's to read. */
export function outputKeySerde(serde: Serde<unknown>): Serde<unknown> {
  if (serde !== derivedKeySerde) return serde
  return {
    serialize(key: unknown, context) {
      if (typeof key === 'string') return encoder.encode(key)
      throw new TypeError(
        `expected a text as key, got ${typeof key}: write to defineTopic('${context.topic}', { key: … }), which says how such keys are written`,
      )
    },
    deserialize: (bytes) => decoder.decode(bytes),
  }
}
