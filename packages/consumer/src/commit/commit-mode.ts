import { presentScope } from '#transaction-reads'
import { LongLivedAbortController, type TransactionScope } from '@kafkado/core/internal'

/**
 * Whether the consumer commits processed records by itself. That ends for good when a transaction commits its offsets.
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

  /** The transaction in whose body this call is made; undefined once commits are left to transactions anyway. */
  get scope(): TransactionScope | undefined {
    return this.#isAutomatic ? presentScope() : undefined
  }

  /** From now on transactions decide what is committed, as the later of two commits would win. */
  leaveToTransactions(): void {
    this.#isAutomatic = false
    this.#ended.abort()
  }
}
