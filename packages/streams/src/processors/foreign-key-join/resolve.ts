import { type BuildProcessor, requireAnswer } from '../processor.ts'
import type { Joiner } from '../stream-join.ts'
import type { LeftRows } from './left-rows.ts'
import type { SubscriptionAnswer } from './messages.ts'

interface ForeignKeyResults {
  readonly kind: 'inner' | 'left'
  readonly joiner: Joiner
  readonly rows: LeftRows
  /** The remaining check of two rows, one of which refers to the other. */
  readonly matches: ((left: unknown, right: unknown) => boolean) | undefined
}

/** Third step, back in the task of the left row: makes the result, unless the row has changed since it asked. */
export function resolveProcessor({ kind, joiner, rows, matches }: ForeignKeyResults): BuildProcessor {
  return (context, forward, _late, name) => {
    const getLeft = rows.getter(context, 'told')
    return [
      (key, { hash, right: named }: SubscriptionAnswer, timestamp) => {
        context.operator = name
        const value = getLeft(key)?.value ?? null
        if (rows.hashOf(value) !== hash) {
          // The row's newer subscription gets its own answer. Without one there is no result, but an earlier result may
          // remain.
          if (kind === 'inner' && named === null && rows.foreignKeyOf(value, key) === null)
            forward(key, null, timestamp, null)
          return
        }
        const isMatch = value !== null && named !== null && (!matches || matches(value, named))
        const right = isMatch ? named : null
        const isResult = value !== null && (right !== null || kind === 'left')
        forward(key, isResult ? requireAnswer(joiner(value, right, key), 'join') : null, timestamp, null)
      },
      // The store of the left table already has its changes.
      () => undefined,
    ]
  }
}
