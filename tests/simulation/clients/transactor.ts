import type { Transaction } from '@kafkado/producer'
import type { TransactorPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { drawTraits, traitsGiven } from './record-traits.ts'
import { textTopic } from './text-topic.ts'
import { BodyFailed, WatchedTransactions } from './transactions.ts'

/** Writes to several topics in transactions, some of which it aborts, and some of which take too long. */
export class TransactingClient implements Application {
  readonly done: Promise<void>
  readonly #process: ClientProcess
  readonly #plan: TransactorPlan
  #transactions: WatchedTransactions
  #count = 0
  #isOver = false

  constructor(process: ClientProcess, plan: TransactorPlan) {
    this.#process = process
    this.#plan = plan
    this.#transactions = new WatchedTransactions(process, plan)
    this.done = this.#run()
  }

  close(): Promise<void> {
    this.#isOver = true
    return this.done
  }

  async #run(): Promise<void> {
    const { transactions, pauseMs } = this.#plan
    for (let index = 0; index < transactions && !this.#isOver; index++) {
      const ended = await this.#transactions.run((tx, transaction) => this.#body(tx, transaction))
      if (ended === 'fenced') await this.#startAgain()
      await this.#process.pause(pauseMs)
    }
    await this.#transactions.close()
  }

  /** Another producer has the transactional id: a service ends then, and is started again. */
  async #startAgain(): Promise<void> {
    await this.#transactions.close()
    this.#transactions = new WatchedTransactions(this.#process, this.#plan)
  }

  async #body(tx: Transaction, transaction: number): Promise<void> {
    const { recordsEach, topics, throwRate, longRate, transactionTimeoutMs } = this.#plan
    const sends: Promise<unknown>[] = []
    const count = Math.floor(this.#process.random.next() * (recordsEach + 1))
    for (let index = 0; index < count; index++) {
      const sent = this.#send(tx, transaction, this.#process.pick(topics))
      sends.push(sent)
      if (this.#process.chance(0.3)) await sent
      if (this.#process.chance(0.2)) await this.#process.pause(200)
    }
    if (this.#process.chance(longRate)) await this.#process.pause(2 * transactionTimeoutMs)
    if (this.#process.chance(throwRate)) throw new BodyFailed('the body throws')
    // What nobody awaits belongs to the transaction too.
    if (this.#process.chance(0.7)) await Promise.all(sends)
  }

  async #send(tx: Transaction, transaction: number, topic: string): Promise<void> {
    const { transactionalId } = this.#plan
    const order = this.#count++
    const value = `${this.#process.name}-${order}`
    const partition = Math.floor(this.#process.random.next() * this.#process.world.partitionsOf(topic))
    const producer = 'transactional'
    const traits = drawTraits(this.#process, order)
    const given = { partition, ...traitsGiven(traits, this.#process), ...this.#process.serverTime }
    this.#process.tell({ type: 'send', value, topic, producer, transactionalId, transaction, order, ...given })
    try {
      const { offset, timestamp } = await tx.send(textTopic(topic), value, { partition, ...traits })
      const said = { partition, offset, timestamp, ...this.#process.serverTime }
      this.#process.tell({ type: 'sent', value, outcome: 'ok', topic, ...said })
    } catch (error) {
      this.#process.tell({ type: 'sent', value, topic, ...this.#process.failure(error) })
    }
  }
}
