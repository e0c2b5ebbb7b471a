import { requireAnswer } from './processor.ts'

export type Adder = (aggregate: unknown, value: unknown, key: unknown) => unknown

/** How values become one. */
export interface Aggregation {
  readonly operator: string
  /** What it begins with; undefined takes the first value as it is. */
  readonly initial: (() => unknown) | undefined
  /** One for each input. */
  readonly adders: readonly Adder[]
  /** Takes a value away again, as the tables need it whose rows change. */
  readonly subtract: Adder | undefined
  /** Makes one of two, as sessions need it that grow together. */
  readonly merge: Adder | undefined
}

/** The aggregate with one more value; null removes it. */
export function added(aggregation: Aggregation, add: Adder, aggregate: unknown, value: unknown, key: unknown): unknown {
  const { initial, operator } = aggregation
  const before = aggregate ?? initial?.()
  const result = before === undefined ? value : requireAnswer(add(before, value, key), operator)
  return result === undefined ? null : result
}
