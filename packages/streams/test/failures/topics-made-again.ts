import { memory } from '@kafkado/broker'
import type { StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient, seededRandom } from 'kafkado'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'

/** The application's sources: the recreated topic, in some cases with another topic. */
const reads = {
  named: 'orders',
  'a list': ['orders', 'others'],
  'a pattern': /^orders$/,
  'a pattern that matches others': /^o(rders|thers)$/,
} as const
export const allReads = Object.keys(reads) as (keyof typeof reads)[]
export const allStates = ['none', 'kept', 'kept behind a repartition'] as const

export interface Situation {
  readonly what: keyof typeof reads
  readonly state: (typeof allStates)[number]
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly members: number
  /** The topic's numbers of partitions, before and after. */
  readonly before: number
  readonly after: number
  /** Whether the application learns of the deletion before the topic is made again. */
  readonly isHeard: boolean
}

/** The number of partitions of the topic beside it. */
const beside = 3

/** By then, every member has looked at the existing topics again. */
const longestMs = 60_000

/** What must happen to an application: it continues, or says why it cannot. */
export type Outcome = 'goes on' | 'has other state' | 'shares otherwise'

export function outcomeOf({ what, state, before, after }: Situation): Outcome {
  const isAlone = what === 'named' || what === 'a pattern'
  const most = (orders: number): number => (isAlone ? orders : Math.max(orders, beside))
  // If one topic is larger, its partitions decide who reads those of the other.
  const sharing = before > beside ? after : beside
  if (what === 'a list' && before !== beside && most(after) !== sharing) return 'shares otherwise'
  return state === 'kept' && most(before) !== most(after) ? 'has other state' : 'goes on'
}

/** An application whose source is recreated while it runs. */
export class MadeAgain {
  readonly #situation: Situation
  readonly #clock = new ManualClock()
  readonly #kafka: KafkaClient
  readonly #came = new Set<number>()
  readonly #apps: StreamsApp[] = []
  readonly #partitions = new Map<string, number>()
  #sent = 0
  /** The errors of its members. */
  readonly errors: string[] = []

  constructor(situation: Situation) {
    const runtime = { clock: this.#clock, random: seededRandom(1) }
    this.#situation = situation
    this.#kafka = new KafkaClient(memory({ runtime, heartbeatInterval: 100 }), runtime)
  }

  async begin(): Promise<void> {
    const { what, before, members } = this.#situation
    await this.#make('orders', before)
    if (what !== 'named' && what !== 'a pattern') await this.#make('others', beside)
    for (let count = 0; count < members; count++) await this.start()
    await this.round()
  }

  /** Sends one record to each partition: all of them are read. */
  async round(): Promise<void> {
    const expected: number[] = []
    for (const [topic, count] of this.#partitions) {
      // An older producer may not know that the topic is a new one.
      const producer = this.#kafka.producer<number>(topic)
      for (let partition = 0; partition < count; partition++) {
        expected.push(this.#sent)
        await inTime(producer.send(this.#sent, { key: `k${this.#sent++}`, partition }), this.#clock)
      }
      await inTime(producer.close(), this.#clock)
    }
    const missing = (): number[] => expected.filter((value) => !this.#came.has(value))
    await this.#inTime(() => missing().length === 0 || this.errors.length > 0)
    if (missing().length > 0)
      throw new Error(this.errors[0] ?? `of ${expected.join()} these were not read: ${missing().join()}`)
  }

  async makeAgain(): Promise<void> {
    const { after, isHeard } = this.#situation
    await this.#kafka.admin.deleteTopic('orders')
    this.#partitions.delete('orders')
    if (isHeard) await pass(1000, this.#clock, 50)
    await this.#make('orders', after)
  }

  async failure(): Promise<string> {
    await this.#inTime(() => this.errors.length > 0)
    return this.errors[0] ?? 'nothing'
  }

  async start(dropState: string[] = []): Promise<void> {
    const { what, state, guarantee } = this.#situation
    const s = this.#kafka.streams({ application: 'app', guarantee, commitInterval: 50, dropState })
    const given = reads[what]
    const stream = s.stream<number>(typeof given === 'object' && 'length' in given ? [...given] : given)
    this.#build(s, stream, state)
    const app = await inTime(s.start(), this.#clock)
    app.on('error', ({ error }) => this.errors.push(String(error)))
    this.#apps.push(app)
  }

  async leave(): Promise<void> {
    const [app] = this.#apps.splice(0, 1)
    if (app) await inTime(app.close(), this.#clock)
  }

  async stop(): Promise<void> {
    while (this.#apps.length > 0) await this.leave()
    this.errors.length = 0
  }

  async close(): Promise<void> {
    await this.stop()
    await inTime(this.#kafka.close(), this.#clock)
  }

  /** Waits until it is so, or fails when it never will be. */
  async #inTime(isSo: () => boolean): Promise<void> {
    const endMs = this.#clock.monotonic() + longestMs
    await until(() => isSo() || this.#clock.monotonic() > endMs, this.#clock, 50)
  }

  async #make(topic: string, partitions: number): Promise<void> {
    await this.#kafka.admin.createTopic(topic, { partitions })
    this.#partitions.set(topic, partitions)
  }

  #build(s: StreamsBuilder, stream: ReturnType<typeof s.stream<number>>, state: Situation['state']): void {
    const take = (value: number): void => void this.#came.add(value)
    const last = (_before: number, value: number): number => value
    if (state === 'none') stream.forEach(take)
    else if (state === 'kept') stream.groupByKey().reduce(0, last, { name: 'latest' }).toStream().forEach(take)
    else
      stream
        .groupBy((value) => `g${value}`)
        .reduce(0, last, { name: 'latest' })
        .toStream()
        .forEach(take)
  }
}
