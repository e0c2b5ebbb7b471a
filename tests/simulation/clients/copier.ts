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
  #consumer: WatchedConsumer
  #transactions: WatchedTransactions
  readonly #running: Promise<void>
  #isOver = false

  constructor(process: ClientProcess, plan: CopierPlan) {
    this.#process = process
    this.#plan = plan
    this.#consumer = this.#newConsumer()
    this.#transactions = new WatchedTransactions(process, plan)
    const { pipeline, group, input, output } = plan
    const what = { guarantee: 'exactly-once', transform: 'copy', keepsTraits: true } as const
    process.tell({ type: 'pipeline', pipeline, group, input, output, ...what })
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#isOver = true
    await Promise.all([this.#consumer.close(), this.#transactions.close()])
    this.#process.tell({ type: 'began', what: 'end of copying' })
    await this.#running
    this.#process.tell({ type: 'finished', what: 'end of copying', outcome: 'ok' })
  }

  #newConsumer(): WatchedConsumer {
    const { input, group, how } = this.#plan
    const watched = new WatchedConsumer(this.#process, this.#plan, { autoCommit: how === 'batches' }, [input])
    const reading = { consumer: watched.name, group, topics: [input], isToSeeAll: true }
    this.#process.tell({ type: 'reading', ...reading, isolation: 'read_committed', from: 'earliest' })
    return watched
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        this.#consumer.begins()
        await this.#read()
      } catch (error) {
        if (error instanceof Fenced) await this.#startAgain()
        else if (!(error instanceof NotCopied)) {
          const failure = this.#process.failure(error)
          this.#process.tell({ type: 'note', text: `copying failed (${failure.outcome}): ${failure.error}` })
          if (this.#plan.how === 'next') await this.#replace()
        }
      }
      if (!this.#isOver) await this.#process.pause(200)
    }
  }

  /**
   * Another producer has the transactional id, if only by a request that came twice: a service ends then, and is
   * started again.
   */
  async #startAgain(): Promise<void> {
    await Promise.all([this.#replace(), this.#transactions.close()])
    if (!this.#isOver) this.#transactions = new WatchedTransactions(this.#process, this.#plan)
  }

  /** What ends a loop ends a stay in the group; after `next()` that is left to the caller. */
  async #replace(): Promise<void> {
    if (this.#isOver) return
    await this.#consumer.close()
    if (!this.#isOver) this.#consumer = this.#newConsumer()
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
      const sends = records.map(({ key, value, headers, timestamp }) =>
        tx.send(textTopic(output), `${pipeline}:${value}`, { key, headers, timestamp }),
      )
      // They settle with the transaction, which fails with them.
      for (const sent of sends) sent.catch(() => undefined)
      if (this.#process.chance(longRate)) await this.#process.pause(2 * transactionTimeoutMs)
      if (this.#process.chance(throwRate)) throw new BodyFailed('the body throws')
      this.#consumer.processed(records)
      await tx.commitOffsets(offsetsOf === 'consumer' ? this.#consumer.consumer : records)
      if (this.#process.chance(throwRate / 2)) throw new BodyFailed('the body throws in the end')
    })
    if (ended === 'fenced') throw new Fenced()
    if (ended === 'committed') return
    // Loops are left with what was not copied; asking for the next one would be to say that it is done.
    if (how === 'next' && ended === 'aborted') this.#consumer.goBackTo(records[0] as ReadRecord)
    // Only the group knows whether it was copied after all, so who reads on there asks it.
    else if (how === 'next') await this.#replace()
    throw new NotCopied()
  }
}

/** A newer process has the transactional id. */
class Fenced extends Error {}

class NotCopied extends Error {}
