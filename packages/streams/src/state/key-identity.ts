import type { Serde } from '@kafkado/core'
import { isTextSerde } from '@kafkado/core/internal'
import { notWritten } from './store-error.ts'

const decoder = new TextDecoder('latin1')

/** Stands for a key in a Map: equal for keys with the same serialised form. */
export type KeyIdentity = (key: unknown) => unknown

/**
 * Strings and numbers stand for themselves, so that the usual key costs nothing; other keys are told apart by their
 * serialised form.
 */
export function keyIdentityOf(serde: Serde<unknown>, topic: string): KeyIdentity {
  const context = { topic, field: 'key' } as const
  // No string key can be mistaken for one of these two: its serialised form has no lone surrogate.
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
