export interface Spent {
  readonly recordsPerSecond: number
  /** Of this process, in seconds for a million records. In memory the engine is in this process, by HTTP it is not. */
  readonly cpuSeconds: number
}

/** The ways to produce and to consume that the client benchmark measures. */
export const waysToProduce = ['send', 'sendBatch', 'send with a key', 'send with headers'] as const
export const waysToConsume = ['one by one', 'batches'] as const

type Way = (typeof waysToProduce)[number] | (typeof waysToConsume)[number]
export type ClientMeasurement = Readonly<Record<'stringify' | 'parse' | Way, Spent>>
