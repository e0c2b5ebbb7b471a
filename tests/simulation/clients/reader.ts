import type { Batch } from '@kafkado/consumer'
import { isKafkaError, KafkaError } from '@kafkado/core'
import { isPoison } from '../history/poison.ts'
import type { ReaderPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { DeadLetters } from './dead-letters.ts'
import { type ReadRecord, WatchedConsumer } from './watched-consumer.ts'

/** Thrown by work that fails, as that of a service does now and then. */
export class WorkFailed extends Error {}

/** Thrown to leave a loop where it stands. */
class LeftLoop extends Error {}

/** Reads as a service does: what makes reading or its work impossible it notes, and it reads again. */
export class ReadingClient implements Application {
  readonly done: Promise<void> = Promise.resolve()
  readonly #process: ClientProcess
  readonly #plan: ReaderPlan
  readonly #deadLetters: DeadLetters | undefined
  #consumer: WatchedConsumer
  readonly #running: Promise<void>
  #isOver = false

  constructor(process: ClientProcess, plan: ReaderPlan) {
    this.#process = process
    this.#plan = plan
    this.#deadLetters = DeadLetters.of(process, plan)
    this.#consumer = this.#newConsumer()
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#consumer.close()
    this.#process.tell({ type: 'began', what: 'end of reading' })
    await this.#running
    await this.#deadLetters?.close()
    this.#process.tell({ type: 'finished', what: 'end of reading', outcome: 'ok' })
  }

  #newConsumer(): WatchedConsumer {
    const { group, topics, prefix, isolation, commit, autoCommitIntervalMs, assignor, isToSeeAll } = this.#plan
    const from = this.#plan.from === 'now' ? 'elsewhere' : this.#plan.from
    const config = {
      offset: from === 'elsewhere' ? { timestamp: this.#process.clock.now() } : from,
      isolation,
      autoCommit: commit === 'auto',
      autoCommitInterval: autoCommitIntervalMs,
      assignor,
    }
    const { aside } = this.#plan
    const watched = new WatchedConsumer(this.#process, this.#plan, config, topics, prefix, aside)
    const of = {
      consumer: watched.name,
      ...(group !== undefined && { group }),
      ...(aside?.why === 'invalid' && ({ leavesOutPoison: true } as const)),
      ...(group !== undefined && commit === 'auto' && ({ isAutomatic: true } as const)),
    }
    this.#process.tell({ type: 'reading', ...of, topics, isolation, from, isToSeeAll })
    return watched
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        this.#consumer.begins()
        this.#assign()
        await this.#read()
      } catch (error) {
        if (!(error instanceof WorkFailed || error instanceof LeftLoop)) {
          const { outcome, error: reason } = this.#process.failure(error)
          this.#process.tell({ type: 'note', text: `reading failed (${outcome}): ${reason}` })
          if (this.#plan.how === 'next') await this.#replace()
        }
      }
      if (!this.#isOver) await this.#process.pause(300)
    }
  }

  /** What ends a loop ends a stay in the group; after `next()` that is left to the caller. */
  async #replace(): Promise<void> {
    if (this.#isOver) return
    await this.#consumer.close()
    if (!this.#isOver) this.#consumer = this.#newConsumer()
  }

  #assign(): void {
    const { isAssigned, topics } = this.#plan
    if (!isAssigned) return
    const partitionsOf = (topic: string): number[] => [...Array(this.#process.world.partitionsOf(topic)).keys()]
    const all = topics.flatMap((topic) => partitionsOf(topic).map((partition) => ({ topic, partition })))
    this.#consumer.consumer.assign(all)
  }

  async #read(): Promise<void> {
    const { consumer } = this.#consumer
    switch (this.#plan.how) {
      case 'loop':
        for await (const record of consumer) await this.#one(record, 'loop')
        break
      case 'forEach':
        await consumer.forEach((record) => this.#one(record, 'loop'), this.#failing)
        break
      case 'filter':
        for await (const record of consumer.filter((one) => this.#isKept(one))) await this.#kept(record)
        break
      case 'take':
        for await (const record of consumer.take(1 + Math.floor(this.#process.random.next() * 10)))
          await this.#one(record, 'take')
        break
      case 'next':
        while (!this.#isOver) await this.#next(await this.#nextRecord())
        break
      case 'batches':
        for await (const batch of consumer.batches({ size: 5, timeout: 100 })) await this.#batch(batch)
        break
      case 'parallel':
        await consumer.parallel({ concurrency: 4, ordering: this.#plan.ordering, ...this.#failing }, (record) =>
          this.#beside(record),
        )
    }
  }

  get #failing() {
    return this.#deadLetters ? { onFailure: this.#deadLetters.handlerOf(this.#consumer) } : {}
  }

  /** Calls it once more meanwhile now and then, as two workers do that share a consumer. */
  async #nextRecord(): Promise<ReadRecord> {
    const { consumer, name } = this.#consumer
    const record = consumer.next()
    record.catch(() => undefined)
    if (!this.#process.chance(this.#plan.overlapRate)) return record
    const overlapping = await consumer.next().then(
      () => ({ outcome: 'given' }) as const,
      (error: unknown) => {
        const { error: reason } = this.#process.failure(error)
        return { outcome: isKafkaError(error, 'INVALID_REQUEST') ? 'refused' : 'failed', error: reason } as const
      },
    )
    this.#process.tell({ type: 'overlapping-next', consumer: name, ...overlapping })
    return record
  }

  /** All that its predicate is shown counts as read, and what it leaves out as processed. */
  async #isKept(record: ReadRecord): Promise<boolean> {
    const isKept = this.#process.chance(0.5)
    this.#consumer.polled([record], 'filter', isKept)
    await this.#work(record)
    if (!isKept) this.#consumer.processed([record])
    return isKept
  }

  async #kept(record: ReadRecord): Promise<void> {
    this.#consumer.kept(record)
    await this.#work(record)
    if (this.#process.chance(this.#plan.leaveRate)) throw new LeftLoop()
    this.#consumer.processed([record])
    await this.#commit(record)
    await this.#control(record)
  }

  async #one(record: ReadRecord, how: 'loop' | 'take' | 'next'): Promise<void> {
    this.#consumer.polled([record], how)
    await this.#work(record)
    if (how === 'loop' && this.#process.chance(this.#plan.leaveRate)) throw new LeftLoop()
    this.#consumer.processed([record])
    await this.#commit(record)
    await this.#control(record)
  }

  /** Asking for the next one would be to say that this one is done. */
  async #next(record: ReadRecord): Promise<void> {
    try {
      await this.#one(record, 'next')
    } catch (error) {
      this.#consumer.goBackTo(record)
      throw error
    }
  }

  async #batch(batch: Batch<string>): Promise<void> {
    const { records } = batch
    this.#consumer.polled(records, 'batches')
    await this.#work()
    this.#consumer.processed(records)
    if (this.#plan.commit !== 'batch') await this.#commit(records.at(-1) as ReadRecord)
    else if (this.#process.chance(0.5)) await this.#consumer.commitBatch(batch)
  }

  async #beside(record: ReadRecord): Promise<void> {
    this.#consumer.polled([record], 'parallel')
    await this.#work(record)
    this.#consumer.processed([record])
    await this.#commit(record)
  }

  async #work(record?: ReadRecord): Promise<void> {
    await this.#process.pause(this.#plan.workMs)
    const isPoisoned = record && this.#deadLetters && isPoison(record.value)
    if (isPoisoned || this.#process.chance(this.#plan.failRate)) throw new WorkFailed()
  }

  async #commit(record: ReadRecord): Promise<void> {
    const { commit } = this.#plan
    if (commit !== 'commit' && commit !== 'record') return
    if (this.#process.chance(0.5)) return
    if (commit === 'record') return this.#consumer.commit(record)
    try {
      await this.#consumer.consumer.commit()
    } catch (error) {
      if (!KafkaError.is(error)) this.#process.failure(error)
    }
  }

  async #control(record: ReadRecord): Promise<void> {
    const { consumer } = this.#consumer
    const { pauseRate, seekRate } = this.#plan
    if (this.#process.chance(pauseRate)) {
      const { topic, partition } = record
      consumer.pause([{ topic, partition }])
      await this.#process.pause(500)
      consumer.resume()
    }
    if (!this.#process.chance(seekRate)) return
    if (this.#plan.seeksByTime)
      await this.#consumer.goToTime(Math.floor(record.timestamp - this.#process.random.next() * 1000 + 200))
    else this.#consumer.goBackTo(record, 3)
  }
}
