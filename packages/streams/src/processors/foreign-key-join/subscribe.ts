import type { BuildProcessor } from '../processor.ts'
import type { LeftRows } from './left-rows.ts'
import type { Instruction, Subscription, SubscriptionAnswer } from './messages.ts'

export interface ForeignKeyOptions {
  readonly kind: 'inner' | 'left'
  readonly rows: LeftRows
  readonly isSame: (left: unknown, right: unknown) => boolean
}

/**
 * First of three steps, in the task of the left row: subscribes to the right row in its task, or unsubscribes.
 *
 * An inner join hears of a missing row only if that may end a result, and ignores answers about a former state of the
 * left row. If the right row goes while the left one changes, the end of a result may be told only for a former state.
 * Then the join asks once more. Only a missing row is an answer to that: a row that is there has told its result already,
 * to the subscription of the left row's state, or to all of its subscribers when it came. Kafka Streams does not ask, and
 * keeps the result for ever.
 */
export function subscribeProcessor({ kind, rows, isSame }: ForeignKeyOptions): BuildProcessor {
  return (context, forward, _late, name) => {
    const getLeft = rows.getter(context, 'told')
    return [
      (key, value, timestamp, before) => {
        context.operator = name
        const old: unknown = before ?? null
        if (key === null) {
          context.drop('null-key')
          return
        }
        if (value === null && old === null) return
        const hash = rows.hashOf(value)
        const tell = (to: unknown, instruction: Instruction): void =>
          forward(to, { leftKey: key, instruction, hash } satisfies Subscription, timestamp)
        const [previous, next] = [rows.foreignKeyOf(old, key), rows.foreignKeyOf(value, key)]
        const isMoved = previous !== null && (next === null || !isSame(previous, next))
        if (kind === 'left') {
          if (isMoved) tell(previous, 'delete-silently')
          // An answer is needed even without a foreign key, because the row counts without a match.
          tell(next, 'tell-always')
          return
        }
        if (next === null) {
          if (previous === null) context.drop('null-foreign-key')
          else tell(previous, 'delete-and-tell')
          return
        }
        if (isMoved) tell(previous, 'delete-silently')
        tell(next, isMoved ? 'tell-always' : 'tell-if-found')
      },
      (key, { hash: asked, right }: SubscriptionAnswer, timestamp) => {
        if (kind === 'left' || right !== null) return
        context.operator = name
        const value = getLeft(key)?.value ?? null
        const foreignKey = rows.foreignKeyOf(value, key)
        const hash = rows.hashOf(value)
        if (foreignKey === null || hash === asked) return
        forward(foreignKey, { leftKey: key, instruction: 'tell-if-missing', hash } satisfies Subscription, timestamp)
      },
    ]
  }
}
