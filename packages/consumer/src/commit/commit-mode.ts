import { LongLivedAbortController, TransactionScope } from '@kafkado/core/internal'

/**
 * Whether what has been processed is committed by itself. It ends for good when a transaction commits offsets of the
 * consumer.
 */
export class CommitMode {
  readonly #ended = new LongLivedAbortController()
  #isAutomatic: boolean

  constructor(isAutomatic: boolean) {
    this.#isAutomatic = isAutomatic
  }

  get isAutomatic(): boolean {
    return this.#isAutomatic
  }

  /** Aborts when transactions take over. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** The transaction in whose body a record is given out now, as far as it matters here. */
  get scope(): TransactionScope | undefined {
    return this.#isAutomatic ? TransactionScope.current : undefined
  }

  /** Transactions say from now on what is committed, as the later of two commits would count. */
  leaveToTransactions(): void {
    this.#isAutomatic = false
    this.#ended.abort()
  }
}
