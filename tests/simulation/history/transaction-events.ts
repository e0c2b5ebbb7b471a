/** A transactional producer begins a transaction. */
export interface TransactionBegun {
  readonly type: 'transaction-begun'
  readonly transactionalId: string
  /** Counted by the world for each transactional id, over all processes that have it. */
  readonly transaction: number
}

/** Its body is over; the end is asked for. */
export interface TransactionEnding {
  readonly type: 'transaction-ending'
  readonly transactionalId: string
  readonly transaction: number
  readonly how: 'commit' | 'abort'
}

/** Its caller is told how it ended. */
export interface TransactionEnded {
  readonly type: 'transaction-ended'
  readonly transactionalId: string
  readonly transaction: number
  readonly outcome: 'committed' | 'aborted' | 'unknown'
  readonly error?: string
}

/** The engine has given out a producer id, seen between faults and engine. */
export interface ProducerIdGiven {
  readonly type: 'producer-id'
  /** How many events there were when the request came: its answer may have waited for a sync since. */
  readonly since?: number
  readonly transactionalId?: string
  readonly producerId: number
  readonly producerEpoch: number
}

export type TransactionEvent = TransactionBegun | TransactionEnding | TransactionEnded | ProducerIdGiven
