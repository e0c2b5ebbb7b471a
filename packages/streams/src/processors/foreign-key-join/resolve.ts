import type { Serde } from '@kafkado/core'
import { type BuildProcessor, requireAnswer } from '../processor.ts'
import type { Joiner } from '../stream-join.ts'
import type { BuildGetter } from '../table-source.ts'
import { hashOf, type SubscriptionAnswer } from './messages.ts'

/** Third step, in the task of the left row again: makes the result, unless the row has changed since it asked. */
export function resolveProcessor(
  kind: 'inner' | 'left',
  joiner: Joiner,
  left: BuildGetter,
  leftSerde: Serde<unknown>,
): BuildProcessor {
  return (context, forward, _late, name) => {
    const getLeft = left(context)
    return [
      (key, { hash, right }: SubscriptionAnswer, timestamp) => {
        context.operator = name
        const value = getLeft(key)?.value ?? null
        const current = value === null ? null : hashOf(leftSerde.serialize(value, { topic: 'left', field: 'value' }))
        // The row's newer subscription gets an answer of its own.
        if (current !== hash) return
        const isResult = value !== null && (right !== null || kind === 'left')
        forward(key, isResult ? requireAnswer(joiner(value, right, key), 'join') : null, timestamp, null)
      },
      // The left table's changes are in its store already.
      () => undefined,
    ]
  }
}
