/** What an application does with orders; it is built in kafkado-application.ts and in StreamsBenchmark.java. */
export interface Scenario {
  readonly name: 'filter and map' | 'count' | 'windowed count' | 'join'
  readonly what: string
  /** How many records it writes for so many orders; undefined where that depends on when it commits. */
  readonly outputsOf: ((orders: number) => number) | undefined
}

/** Amounts go round from 0 to 9.99 in steps of a cent, see sampleOrder. */
const cheapOrders = 0.2

export const scenarios: readonly Scenario[] = [
  {
    name: 'filter and map',
    what: 'filter (4 of 5 pass), mapValues to three fields',
    outputsOf: (orders) => orders * (1 - cheapOrders),
  },
  { name: 'count', what: 'groupByKey, count, with a record cache', outputsOf: undefined },
  {
    name: 'windowed count',
    what: 'groupByKey, tumbling windows of a minute, count, with a record cache',
    outputsOf: undefined,
  },
  { name: 'join', what: 'stream with table by key, a result of four fields', outputsOf: (orders) => orders },
]
