import { memory } from '@kafkado/broker'
import {
  consumerGroupHeartbeat,
  intercept,
  MemberFencedError,
  offsetCommit,
  TopicNotFoundError,
  txnOffsetCommit,
} from '@kafkado/core'
import type { Stream, StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import fc from 'fast-check'
import { KafkaClient, seededRandom } from 'kafkado'
import { expect, it } from 'vitest'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'

type Numbers = Stream<string | null, number>
type Continue = (stream: Numbers) => void

/** Reads the deleted topic, alone or together with another. */
const reads: Readonly<Record<string, (s: StreamsBuilder, goOn: Continue) => void>> = {
  alone: (s, goOn) => goOn(s.stream<number>('orders')),
  'in a list': (s, goOn) => goOn(s.stream<number>(['orders', 'others'])),
  'as a table': (s, goOn) =>
    goOn(
      s
        .stream<number>('others')
        .leftJoin(s.table<number>('orders'))
        .mapValues((value) => value),
    ),
  'as a global table': (s, goOn) =>
    goOn(
      s
        .stream<number>('others')
        .leftJoin(s.globalTable<number>('orders'), { key: (_, key) => key })
        .mapValues((value) => value),
    ),
}

const states: Readonly<Record<string, (stream: Numbers, take: (value: number) => void) => void>> = {
  none: (stream, take) => void stream.forEach(take),
  kept: (stream, take) =>
    void stream
      .groupByKey()
      .reduce(0, (_, value) => value, { name: 'latest' })
      .toStream()
      .forEach(take),
  'kept behind a repartition': (stream, take) =>
    void stream
      .groupBy((value) => `g${value}`)
      .reduce(0, (_, value) => value, { name: 'latest' })
      .toStream()
      .forEach(take),
}

/** The first start might make the topic; others must not. */
const starts = ['a first one', 'one beside another', 'one when all have left', 'one that joins again'] as const

interface Situation {
  readonly read: string
  readonly state: string
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly start: (typeof starts)[number]
  readonly partitions: number
}

/** The number of partitions that the server gives to a topic it creates. */
const defaultPartitions = 5

/** An application with a deleted source. */
class GoneSource {
  readonly #situation: Situation
  readonly #clock = new ManualClock()
  readonly #kafka: KafkaClient
  readonly #came = new Set<number>()
  readonly #apps: StreamsApp[] = []
  #sent = 0
  #failsCommit = false
  /** How often a member has joined the group. */
  #joins = 0
  readonly errors: string[] = []

  constructor(situation: Situation) {
    const runtime = { clock: this.#clock, random: seededRandom(1) }
    this.#situation = situation
    const engine = memory({ runtime, heartbeatInterval: 100, defaultPartitions })
    const transport = intercept(engine, (next) => async (operation, request, options) => {
      const isCommit = operation.name === offsetCommit.name || operation.name === txnOffsetCommit.name
      if (isCommit && this.#failsCommit) {
        this.#failsCommit = false
        throw new MemberFencedError('the group went on without this member')
      }
      if (operation.name === consumerGroupHeartbeat.name && (request as { memberEpoch: number }).memberEpoch === 0)
        this.#joins++
      return next(operation, request, options)
    })
    this.#kafka = new KafkaClient(transport, runtime)
  }

  get isRunning(): boolean {
    return this.#apps.every(({ state }) => state === 'running')
  }

  async make(topic: string): Promise<void> {
    await this.#kafka.admin.createTopic(topic, { partitions: this.#situation.partitions })
  }

  async remove(): Promise<void> {
    await this.#kafka.admin.deleteTopic('orders')
    // By then, the deletion is known.
    await pass(1000, this.#clock, 50)
  }

  async partitionsOf(topic: string): Promise<number | undefined> {
    return (await this.#kafka.admin.listTopics()).find(({ name }) => name === topic)?.partitions
  }

  async start(): Promise<void> {
    const { read, state, guarantee } = this.#situation
    const s = this.#kafka.streams({ application: 'app', guarantee, commitInterval: 50 })
    s.stream<number>('beside').forEach((value) => void this.#came.add(value))
    reads[read]?.(s, (stream) => states[state]?.(stream, (value) => void this.#came.add(value)))
    const app = await inTime(s.start(), this.#clock)
    app.on('error', ({ error }) => this.errors.push(String(error)))
    this.#apps.push(app)
  }

  async leave(): Promise<void> {
    const [app] = this.#apps.splice(0, 1)
    if (app) await inTime(app.close(), this.#clock)
  }

  /** Sends one record to each partition; all of them must be read. */
  async round(topic: string): Promise<void> {
    const expected: number[] = []
    const producer = this.#kafka.producer<number>(topic)
    for (let partition = 0; partition < this.#situation.partitions; partition++) {
      expected.push(this.#sent)
      await inTime(producer.send(this.#sent, { key: `k${this.#sent++}`, partition }), this.#clock)
    }
    await inTime(producer.close(), this.#clock)
    const endMs = this.#clock.monotonic() + 60_000
    const isDone = (): boolean => expected.every((value) => this.#came.has(value)) || this.errors.length > 0
    await until(() => isDone() || this.#clock.monotonic() > endMs, this.#clock, 50)
    expect([this.errors, expected.filter((value) => !this.#came.has(value))]).toEqual([[], []])
  }

  /** A commit fails, so the member leaves the group and joins again. */
  async joinAgain(): Promise<void> {
    const before = this.#joins
    this.#failsCommit = true
    await this.round('beside')
    await until(() => this.#joins > before, this.#clock, 50)
    await pass(2000, this.#clock, 50)
    expect(this.#failsCommit).toBe(false)
  }

  async close(): Promise<void> {
    while (this.#apps.length > 0) await this.leave()
    await inTime(this.#kafka.close(), this.#clock)
  }
}

async function check(situation: Situation): Promise<void> {
  const { read, state, start, partitions } = situation
  const isOther = read !== 'alone'
  const run = new GoneSource(situation)
  for (const topic of ['beside', ...(isOther ? ['others'] : [])]) await run.make(topic)
  if (start === 'a first one') {
    await run.start().catch((error: unknown) => {
      // Its number of partitions differs from its join partner's.
      if (read !== 'as a table') throw error
      expect(String(error)).toContain('the same number of partitions')
    })
    expect(await run.partitionsOf('orders')).toBe(defaultPartitions)
    await run.close()
    return
  }
  await run.make('orders')
  await run.start()
  const asked = read === 'alone' || read === 'in a list' ? ['orders'] : []
  for (const topic of [...asked, ...(isOther ? ['others'] : [])]) await run.round(topic)
  if (start === 'one when all have left') await run.leave()
  await run.remove()
  if (start === 'one that joins again') await run.joinAgain()
  else {
    const fitting = state === 'none' ? '' : `.* ${partitions} partitions, as internal topic 'app-|as many partitions as`
    const message = new RegExp(`^topic 'orders' does not exist, and application 'app' has run before${fitting}`)
    const refused = await run.start().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TopicNotFoundError)
    expect(refused).toMatchObject({ message: expect.stringMatching(message), outcome: 'failed' })
  }
  expect([await run.partitionsOf('orders'), run.errors, run.isRunning]).toEqual([undefined, [], true])
  await run.make('orders')
  if (start === 'one when all have left') await run.start()
  for (const topic of [...asked, ...(isOther ? ['others'] : [])]) await run.round(topic)
  await run.close()
}

/** A member that loses the topic of a global table ends, so none is left to continue. */
function isPossible({ read, start }: Pick<Situation, 'read' | 'start'>): boolean {
  return read !== 'as a global table' || start === 'a first one' || start === 'one when all have left'
}

const anySituation: fc.Arbitrary<Situation> = fc
  .record<Situation>({
    read: fc.constantFrom(...Object.keys(reads)),
    state: fc.constantFrom(...Object.keys(states)),
    guarantee: fc.constantFrom('at-least-once', 'exactly-once'),
    start: fc.constantFrom(...starts),
    partitions: fc.integer({ min: 1, max: 4 }),
  })
  .filter(isPossible)

const examples = Object.keys(reads)
  .flatMap((read) => starts.flatMap((start) => Object.keys(states).map((state) => ({ read, state, start }))))
  .filter(isPossible)
  .map((one): [Situation] => [{ ...one, guarantee: 'exactly-once', partitions: 3 }])

it('a source that is gone is made by the first start of an application alone', async () => {
  await fc.assert(fc.asyncProperty(anySituation, check), {
    numRuns: examples.length + 10,
    examples,
    endOnFailure: true,
  })
}, 120_000)
