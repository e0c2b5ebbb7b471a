import { requireAnswer } from './processor.ts'

export type Adder = (aggregate: unknown, value: unknown, key: unknown) => unknown

/** How to combine values into one. */
export interface Aggregation {
  readonly operator: string
  /** Makes the initial aggregate; undefined takes the first value. */
  readonly initial: (() => unknown) | undefined
  /** One for each input. */
  readonly adders: readonly Adder[]
  /** Takes a value out again, for tables whose rows change. */
  readonly subtract: Adder | undefined
  /** Combines two aggregates, for sessions that grow together. */
  readonly merge: Adder | undefined
}

/** Adds a value to the aggregate; null removes it. */
export function added(aggregation: Aggregation, add: Adder, aggregate: unknown, value: unknown, key: unknown): unknown {
  const { initial, operator } = aggregation
  const before = aggregate ?? initial?.()
  const result = before === undefined ? value : requireAnswer(add(before, value, key), operator)
  return result === undefined ? null : result
}
