import type { CopierPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { textTopic } from './text-topic.ts'
import { BodyFailed, WatchedTransactions } from './transactions.ts'
import { type ReadRecord, WatchedConsumer } from './watched-consumer.ts'

/** Consumes, transforms and produces in transactions: each input gives one output, whatever goes wrong. */
export class CopyingClient implements Application {
  readonly done: Promise<void> = Promise.resolve()
  readonly #process: ClientProcess
  readonly #plan: CopierPlan
  readonly #consumer: WatchedConsumer
  readonly #transactions: WatchedTransactions
  readonly #running: Promise<void>
  #isOver = false

  constructor(process: ClientProcess, plan: CopierPlan) {
    this.#process = process
    this.#plan = plan
    const { input, group } = plan
    this.#consumer = new WatchedConsumer(process, plan, { autoCommit: plan.how === 'batches' }, [input])
    this.#transactions = new WatchedTransactions(process, plan)
    const isolation = 'read_committed'
    const consumer = this.#consumer.name
    process.tell({ type: 'reading', consumer, group, topics: [input], isolation, from: 'earliest', isToSeeAll: true })
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#isOver = true
    await Promise.all([this.#consumer.close(), this.#transactions.close()])
    this.#process.tell({ type: 'began', what: 'end of copying' })
    await this.#running
    this.#process.tell({ type: 'finished', what: 'end of copying', outcome: 'ok' })
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        this.#consumer.begins()
        await this.#read()
      } catch (error) {
        if (error instanceof Fenced) return
        if (!(error instanceof NotCopied)) {
          const failure = this.#process.failure(error)
          this.#process.tell({ type: 'note', text: `copying failed (${failure.outcome}): ${failure.error}` })
        }
      }
      if (!this.#isOver) await this.#process.pause(200)
    }
  }

  async #read(): Promise<void> {
    const { consumer } = this.#consumer
    const { how } = this.#plan
    if (how === 'batches') {
      for await (const { records } of consumer.batches({ size: 8, timeout: 50 })) await this.#copy(records, 'batches')
    } else if (how === 'loop') for await (const record of consumer) await this.#copy([record], 'loop')
    else while (!this.#isOver) await this.#copy([await consumer.next()], 'next')
  }

  /** What is not copied is read again, as the loop is left with it. */
  async #copy(records: readonly ReadRecord[], how: 'batches' | 'loop' | 'next'): Promise<void> {
    this.#consumer.polled(records, how)
    const { throwRate, longRate, transactionTimeoutMs, output, pipeline, offsetsOf } = this.#plan
    const ended = await this.#transactions.run(async (tx) => {
      const sends = records.map(({ key, value }) => tx.send(textTopic(output), `${pipeline}:${value}`, { key }))
      // They settle with the transaction, which fails with them.
      for (const sent of sends) sent.catch(() => undefined)
      if (this.#process.chance(longRate)) await this.#process.pause(2 * transactionTimeoutMs)
      if (this.#process.chance(throwRate)) throw new BodyFailed('the body throws')
      this.#consumer.processed(records)
      await tx.commitOffsets(offsetsOf === 'consumer' ? this.#consumer.consumer : records)
      if (this.#process.chance(throwRate / 2)) throw new BodyFailed('the body throws in the end')
    })
    if (ended === 'fenced') throw new Fenced()
    if (ended !== 'committed') throw new NotCopied()
  }
}

/** A newer process has the transactional id. */
class Fenced extends Error {}

class NotCopied extends Error {}
