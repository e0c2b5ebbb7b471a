import type { Serde } from '@kafkado/core'
import { isTextSerde } from '@kafkado/core/internal'
import { notWritten } from './store-error.ts'

const decoder = new TextDecoder('latin1')

/** What stands for a key in a Map: equal for keys that are written alike. */
export type KeyIdentity = (key: unknown) => unknown

/**
 * Texts and numbers stand for themselves, so that the usual key costs nothing; others are told apart by what is written
 * for them.
 */
export function keyIdentityOf(serde: Serde<unknown>, topic: string): KeyIdentity {
  const context = { topic, field: 'key' } as const
  // Neither of the two can begin a text that is a key by itself and be mistaken for it: no written form has a lone
  // surrogate.
  return (key) => {
    if (typeof key === 'string' || typeof key === 'number') return key
    try {
      return isTextSerde(serde)
        ? `\uDC00${serde.stringify(key, context)}`
        : `\uDC00${decoder.decode(serde.serialize(key, context))}`
    } catch (cause) {
      throw notWritten(topic, 'a key', cause)
    }
  }
}
