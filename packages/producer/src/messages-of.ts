import type { Message } from '@kafkado/core'
import { isObject } from '@kafkado/core/internal'

const messageField = /^(value|key|headers|partition|timestamp)$/

/**
 * What `sendBatch` was given, as messages. They are taken for messages when every one is an object that has `value` and nothing but what a
 * message may have.
 */
export function messagesOf<V, K>(batch: readonly (V | Message<V, K>)[]): readonly Message<V, K>[] {
  if (batch.every(isMessage)) return batch as readonly Message<V, K>[]
  return (batch as readonly V[]).map((value) => ({ value }))
}

function isMessage(candidate: unknown): boolean {
  return (
    isObject(candidate) && 'value' in candidate && Object.keys(candidate).every((field) => messageField.test(field))
  )
}
