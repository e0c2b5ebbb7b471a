/** One thing that is measured of every client that can do it. */
export type Scenario = ProduceScenario | ConsumeScenario

export interface ProduceScenario {
  readonly kind: 'produce'
  readonly name: string
  readonly idempotent: boolean
  /** How many records one call is given; undefined where each is sent by itself, without waiting. */
  readonly recordsPerCall: number | undefined
  readonly lingerMs: number
}

export interface ConsumeScenario {
  readonly kind: 'consume'
  readonly name: string
  readonly as: 'bytes' | 'json'
}

// Whoever makes calls of many records has batches, and waits for them; librdkafka is fastest then with the shortest
// wait.
const inCalls = { kind: 'produce', recordsPerCall: 100, lingerMs: 1 } as const
const oneByOne = { kind: 'produce', recordsPerCall: undefined, lingerMs: 5 } as const

/**
 * Every client can number its batches or not. Not to do so is the comparison that counts, because two of the others
 * then have several requests under way, which numbering takes from them.
 */
export const scenarios: readonly Scenario[] = [
  { ...inCalls, name: 'produce, calls of 100 records', idempotent: false },
  { ...inCalls, name: 'produce, calls of 100 records, idempotent', idempotent: true },
  { ...oneByOne, name: 'produce, one by one', idempotent: false },
  { ...oneByOne, name: 'produce, one by one, idempotent', idempotent: true },
  { kind: 'consume', name: 'consume bytes', as: 'bytes' },
  { kind: 'consume', name: 'consume and JSON.parse', as: 'json' },
]
