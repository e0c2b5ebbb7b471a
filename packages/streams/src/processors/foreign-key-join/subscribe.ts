import type { Serde } from '@kafkado/core'
import { type BuildProcessor, requireAnswer } from '../processor.ts'
import { hashOf, type Instruction, type Subscription } from './messages.ts'

export interface ForeignKeyOptions {
  readonly kind: 'inner' | 'left'
  readonly foreignKeyOf: (value: unknown, key: unknown) => unknown
  readonly leftSerde: Serde<unknown>
  readonly isSame: (left: unknown, right: unknown) => boolean
}

/** First of three steps, in the task of the left row: tells the task of the right row that it wants to know of it, or no longer. */
export function subscribeProcessor({ kind, foreignKeyOf, leftSerde, isSame }: ForeignKeyOptions): BuildProcessor {
  return (context, forward, _late, name) => {
    const foreignKey = (value: unknown, key: unknown): unknown =>
      value === null ? null : (requireAnswer(foreignKeyOf(value, key), 'join') ?? null)
    return [
      (key, value, timestamp, before) => {
        context.operator = name
        const old: unknown = before ?? null
        if (key === null) {
          context.drop('null-key')
          return
        }
        if (value === null && old === null) return
        const hash = value === null ? null : hashOf(leftSerde.serialize(value, { topic: 'left', field: 'value' }))
        const tell = (to: unknown, instruction: Instruction): void =>
          forward(to, { leftKey: key, instruction, hash } satisfies Subscription, timestamp)
        const [previous, next] = [foreignKey(old, key), foreignKey(value, key)]
        const isMoved = previous !== null && (next === null || !isSame(previous, next))
        if (kind === 'left') {
          if (isMoved) tell(previous, 'delete-silently')
          // Also without a foreign key an answer has to come, as the row counts without the other one.
          tell(next, 'tell-always')
          return
        }
        if (value !== null && next === null) context.drop('null-foreign-key')
        if (next === null) {
          if (previous !== null) tell(previous, 'delete-and-tell')
          return
        }
        if (isMoved) tell(previous, 'delete-silently')
        tell(next, isMoved ? 'tell-always' : 'tell-if-found')
      },
    ]
  }
}
