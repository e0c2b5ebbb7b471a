import { KafkaError, ProducerFencedError } from '@kafkado/core'
import { createTransactionalProducer, type Transaction, type TransactionalProducer } from '@kafkado/producer'
import type { CopierPlan, TransactorPlan } from '../plan/client-plans.ts'
import { nameOf } from '../world/engine-witness.ts'
import type { ClientProcess } from './client-process.ts'
import { producingOptions } from './producer.ts'

/** Thrown by a body to have its transaction aborted. */
export class BodyFailed extends Error {}

/** A transactional producer of which the history hears everything that its caller is told. */
export class WatchedTransactions {
  readonly #process: ClientProcess
  readonly #plan: TransactorPlan | CopierPlan
  readonly #producer: TransactionalProducer

  constructor(process: ClientProcess, plan: TransactorPlan | CopierPlan) {
    this.#process = process
    this.#plan = plan
    const { transactionalId, transactionTimeoutMs } = plan
    this.#producer = createTransactionalProducer(process.transport, {
      ...producingOptions(process, plan),
      transactionalId,
      transactionTimeout: transactionTimeoutMs,
    })
  }

  /** Runs a body in a transaction. Resolves to whether it was committed; false also where nobody can know. */
  async run(
    body: (tx: Transaction, transaction: number) => Promise<void>,
  ): Promise<'committed' | 'aborted' | 'unknown' | 'fenced'> {
    const { transactionalId } = this.#plan
    let transaction: number | undefined
    let isAborted = false
    try {
      await this.#producer.transaction(async (tx) => {
        const number = (this.#process.world.counters.transactions.get(transactionalId) ?? 0) + 1
        transaction = number
        this.#process.world.counters.transactions.set(transactionalId, number)
        this.#process.tell({ type: 'transaction-begun', transactionalId, transaction: number })
        try {
          await body(tx, number)
        } catch (error) {
          isAborted = true
          this.#process.tell({ type: 'transaction-ending', transactionalId, transaction: number, how: 'abort' })
          throw error
        }
        this.#process.tell({ type: 'transaction-ending', transactionalId, transaction: number, how: 'commit' })
      })
      this.#ended(transaction, 'committed')
      return 'committed'
    } catch (error) {
      // Whose body has thrown is aborted, whatever became of what the body did.
      const outcome = KafkaError.is(error) && error.outcome === 'unknown' && !isAborted ? 'unknown' : 'aborted'
      if (!KafkaError.is(error) && !(error instanceof BodyFailed)) this.#process.failure(error)
      this.#ended(transaction, outcome, error)
      return ProducerFencedError.is(error) ? 'fenced' : outcome
    }
  }

  close(): Promise<void> {
    const limitMs = this.#plan.transactionTimeoutMs + this.#plan.deliveryTimeoutMs
    return this.#process.closing('transactional producer', limitMs, () => this.#producer.close())
  }

  #ended(transaction: number | undefined, outcome: 'committed' | 'aborted' | 'unknown', error?: unknown): void {
    if (transaction === undefined) return
    const { transactionalId } = this.#plan
    const why = error === undefined ? {} : { error: nameOf(error) }
    this.#process.tell({ type: 'transaction-ended', transactionalId, transaction, outcome, ...why })
  }
}
