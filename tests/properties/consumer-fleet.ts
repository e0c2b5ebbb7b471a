import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import {
  type Clock,
  intercept,
  offsetFetch,
  seededRandom,
  type SendOptions,
  TimeoutError,
  type Transport,
} from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import {
  type Consumer,
  createConsumer,
  createTransactionalProducer,
  DisconnectedError,
  type KafkaRecord,
} from 'kafkado'
import { createProducer } from '@kafkado/producer'
import { ManualClock } from '@kafkado/testing'
import { CommitJudge } from './commit-judge.ts'

export const kinds = ['key', 'partition', 'unordered', 'loop', 'batches', 'next', 'transactions'] as const
export type Kind = (typeof kinds)[number]

/** What may happen to a group of consumers. `pick` chooses among those that it can happen to. */
export type Step =
  | { readonly kind: 'join'; readonly as: Kind }
  | { readonly kind: 'produce'; readonly partition: number; readonly count: number }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'finish' | 'fail' | 'close' | 'cut' | 'restore'; readonly pick: number }

interface Work {
  readonly member: Member
  readonly records: readonly KafkaRecord<unknown>[]
  readonly end: (error?: Error) => void
}

interface Member {
  readonly consumer: Consumer<unknown>
  /** Nothing it sends arrives any more: it has crashed, or is cut off and comes back. */
  isCut: boolean
  reading: Promise<unknown>
  /** Of its transactions. */
  readonly producer: ReturnType<typeof createTransactionalProducer>
}

const partitions = 2
const topic = 'work'
const group = 'fleet'

/**
 * A group whose members join, end, crash and come back, with handlers that end when and in the order that the test
 * says. At any time every record below what is committed must have been handled.
 */
export class ConsumerFleet {
  readonly #clock = new ManualClock()
  readonly #runtime = { clock: this.#clock, random: seededRandom(1) }
  readonly #engine = memory({
    runtime: this.#runtime,
    sessionTimeout: '10s',
    heartbeatInterval: '1s',
    defaultPartitions: partitions,
  })
  readonly #producer = createProducer(this.#engine, topic, { runtime: this.#runtime })
  readonly #members: Member[] = []
  readonly #handled = Array.from({ length: partitions }, () => new Set<number>())
  readonly #produced = Array.from({ length: partitions }, () => 0)
  readonly #judge = new CommitJudge()
  #committedBefore: number[] = []
  #work: Work[] = []
  #isHealing = false

  async carryOut(step: Step): Promise<void> {
    const working = this.#work
    const open = this.#members.filter(({ isCut }) => !isCut)
    switch (step.kind) {
      case 'join':
        if (open.length < 4) this.#join(step.as)
        break
      case 'produce':
        await this.#produce(step.partition, step.count)
        break
      case 'advance':
        await this.#clock.advanceAsync(step.byMs)
        break
      case 'finish':
        pickFrom(working, step.pick)?.end()
        break
      case 'fail':
        pickFrom(working, step.pick)?.end(new Error('the handler failed'))
        break
      case 'close':
        void pickFrom(open, step.pick)?.consumer.close()
        break
      case 'cut':
        this.#setCut(pickFrom(open, step.pick), true)
        break
      case 'restore':
        this.#setCut(
          pickFrom(
            this.#members.filter(({ isCut }) => isCut),
            step.pick,
          ),
          false,
        )
        break
    }
    for (let turns = 0; turns < 3; turns++) await turn()
    await this.check()
  }

  /**
   * @throws Error when something is committed that nobody has handled, or by who does not own it, or less than before
   */
  async check(): Promise<void> {
    this.#judge.check()
    const committed = await this.#committed()
    committed.forEach((offset, partition) => {
      const before = this.#committedBefore[partition] ?? 0
      if (offset < before) throw new Error(`partition ${partition}: ${offset} is committed after ${before}`)
      for (let before = 0; before < offset; before++) {
        if (!this.#handled[partition]?.has(before))
          throw new Error(`partition ${partition}: ${offset} is committed, and offset ${before} was never handled`)
      }
    })
    this.#committedBefore = committed
  }

  /** Everything that was there is cut off; a new member has to find all that is left. */
  async heal(): Promise<void> {
    for (const member of this.#members) this.#setCut(member, true)
    this.#isHealing = true
    await this.#clock.advanceAsync('12s')
    this.#join('key')
    const isDone = async (): Promise<boolean> =>
      (await this.#committed()).every((offset, partition) => offset === this.#produced[partition])
    for (let seconds = 0; !(await isDone()); seconds++) {
      if (seconds > 120) throw new Error('after two minutes without faults not everything is committed')
      await this.#clock.advanceAsync(1000)
      for (const { end } of this.#work) end()
      await this.check()
    }
  }

  /** Ends what is left, so that nothing of it runs into the next run. */
  async close(): Promise<void> {
    for (const member of this.#members) this.#setCut(member, false)
    this.#isHealing = true
    const closing = Promise.all(
      this.#members.map(({ consumer, producer, reading }) =>
        Promise.all([consumer.close(), reading]).then(() => producer.close()),
      ),
    )
    let isClosed = false
    void closing.then(() => {
      isClosed = true
    })
    while (!isClosed) {
      for (const { end } of this.#work) end()
      await this.#clock.advanceAsync(500)
    }
    await this.#producer.close()
    await this.#engine.close()
  }

  #join(kind: Kind): void {
    const member = { isCut: false, reading: Promise.resolve() } as unknown as Member
    const transport: Transport = intercept(
      this.#engine,
      this.#judge.interceptor(() => member.consumer),
      (next) => async (operation, request, options) => {
        if (member.isCut) return unanswered(this.#clock, options)
        const answer = await next(operation, request, options)
        // What was on its way when the member was cut off is carried out, and its answer is lost.
        return member.isCut ? unanswered(this.#clock, options) : answer
      },
    )
    const runtime = { clock: this.#clock, random: seededRandom(this.#members.length + 2) }
    const transactionalId = `member-${this.#members.length}`
    const producer = createTransactionalProducer(transport, { transactionalId, transactionTimeout: '10s', runtime })
    const consumer = createConsumer(transport, topic, {
      group,
      runtime,
      autoCommitInterval: '700ms',
      rebalanceTimeout: '6s',
      sessionTimeout: '10s',
      closeTimeout: '4s',
      maxPollRecords: 5,
    })
    const handle = (records: readonly KafkaRecord<unknown>[]): Promise<void> =>
      new Promise((resolve, reject) => {
        const work: Work = {
          member,
          records,
          end: (error) => {
            this.#work = this.#work.filter((other) => other !== work)
            if (!error) for (const { partition, offset } of records) this.#handled[partition]?.add(offset)
            if (error) reject(error)
            else resolve()
          },
        }
        this.#work.push(work)
        if (this.#isHealing) work.end()
      })
    const read = (): Promise<void> => {
      if (kind === 'loop') return consumer.forEach((record) => handle([record]))
      if (kind === 'batches')
        return consumer.batches({ size: 3, timeout: 200 }).forEach(({ records }) => handle(records))
      if (kind === 'next') return readByNext(consumer, handle)
      if (kind === 'transactions') {
        return consumer.forEach((record) =>
          producer.transaction(async (tx) => {
            await handle([record])
            await tx.commitOffsets(consumer)
          }),
        )
      }
      return consumer.parallel({ concurrency: 4, ordering: kind }, (record) => handle([record]))
    }
    Object.assign(member, { consumer, producer })
    this.#judge.add(consumer)
    // A handler that failed ends the reading; that is what a member does which cannot go on.
    member.reading = read().catch(() => consumer.close())
    this.#members.push(member)
  }

  #setCut(member: Member | undefined, isCut: boolean): void {
    if (member) member.isCut = isCut
  }

  async #produce(partition: number, count: number): Promise<void> {
    const records = Array.from({ length: count }, (_, index) => ({ value: index, key: `k${index % 3}`, partition }))
    const sent = this.#producer.sendBatch(records)
    await this.#clock.advanceAsync(1)
    await sent
    this.#produced[partition] = (this.#produced[partition] ?? 0) + count
  }

  async #committed(): Promise<number[]> {
    const all = Array.from({ length: partitions }, (_, partition) => partition)
    const { topics } = await this.#engine.send(offsetFetch, {
      groupId: group,
      memberId: null,
      memberEpoch: -1,
      topics: [{ topic, partitions: all }],
      requireStable: false,
    })
    return all.map((partition) => {
      const found = topics[0]?.partitions.find((other) => other.partition === partition)
      return Math.max(found?.committedOffset ?? 0, 0)
    })
  }
}

/** Commits each record by itself; one whose partition went meanwhile is somebody else's. */
async function readByNext(
  consumer: Consumer<unknown>,
  handle: (records: readonly KafkaRecord<unknown>[]) => Promise<void>,
): Promise<void> {
  try {
    for (;;) {
      const record = await consumer.next()
      await handle([record])
      await record.commit().catch(() => undefined)
    }
  } catch (error) {
    if (!DisconnectedError.is(error)) throw error
  }
}

function pickFrom<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(list.length, 1)]
}

/** What becomes of a request whose answer never comes: as over a network, whoever asked gives up after a time. */
async function unanswered(clock: Clock, options: SendOptions | undefined): Promise<never> {
  await sleep(clock, options?.timeoutMs ?? 15_000, options?.signal)
  throw new TimeoutError('no answer came')
}
