import { memory } from '@kafkado/broker'
import { createTopics, type Interceptor, intercept, offsetCommit, produce, txnOffsetCommit } from '@kafkado/core'
import type { StreamsApp } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient, seededRandom } from 'kafkado'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'

export const guarantees = ['at-least-once', 'exactly-once'] as const
export const allMoments = ['idle', 'producing', 'writing to it', 'right after a commit'] as const
/** Who makes it again: the application, or somebody else who was faster. */
export const allMakers = ['nobody', 'somebody with as many partitions', 'somebody with others'] as const

export interface Situation {
  readonly guarantee: (typeof guarantees)[number]
  readonly members: number
  readonly moment: (typeof allMoments)[number]
  readonly maker: (typeof allMakers)[number]
  readonly offset: 'earliest' | 'latest'
  readonly reads: 'a topic' | 'a pattern'
  /** The topic with records, or the topic that shares out the tasks of a pattern. */
  readonly gone: 'records' | 'tasks'
}

const partitions = 3
/** By then, every member has looked at the existing topics again. */
const longestMs = 60_000

/** An application whose repartition topic is deleted while it runs. */
export class DeletedRepartition {
  readonly #situation: Situation
  readonly #clock = new ManualClock()
  readonly #kafka: KafkaClient
  readonly #apart: KafkaClient
  readonly #came = new Set<number>()
  readonly #apps: StreamsApp[] = []
  #sent = 0
  #gone = ''
  /** Deletes the topic after the next request of that kind that is about it, or that commits. */
  #isDue = false
  /** The server's answers to the next attempts to make topics. */
  readonly refusals: Error[] = []
  /** The reported errors, each with the state of its member. */
  readonly errors: { readonly error: unknown; readonly state: string }[] = []

  constructor(situation: Situation) {
    const runtime = { clock: this.#clock, random: seededRandom(1) }
    this.#situation = situation
    const engine = memory({ runtime, heartbeatInterval: 100 })
    this.#apart = new KafkaClient(engine, runtime)
    this.#kafka = new KafkaClient(intercept(engine, this.#deleting), runtime)
  }

  get states(): readonly string[] {
    return this.#apps.map(({ state }) => state)
  }

  async begin(): Promise<void> {
    await this.#apart.admin.createTopic('orders', { partitions })
    for (let count = 0; count < this.#situation.members; count++) await this.start()
    await this.round()
    const names = (await this.#apart.admin.listTopics()).map(({ name }) => name)
    const suffix = this.#situation.gone === 'tasks' ? '-tasks-repartition' : '-by-group-repartition'
    this.#gone = names.find((name) => name.endsWith(suffix)) as string
  }

  async start(): Promise<void> {
    const { guarantee, offset, reads } = this.#situation
    const s = this.#kafka.streams({ application: 'app', guarantee, offset, commitInterval: 50 })
    s.stream<number>(reads === 'a topic' ? 'orders' : /^orders$/)
      .groupBy((value) => `g${value}`, { name: 'by-group' })
      .reduce(0, (_before, value) => value, { name: 'latest' })
      .toStream()
      .forEach((value) => void this.#came.add(value))
    const app = await inTime(s.start(), this.#clock)
    app.on('error', ({ error }) => this.errors.push({ error, state: app.state }))
    this.#apps.push(app)
  }

  /** Nine records, which all come out. */
  async round(): Promise<void> {
    const expected = await this.#send()
    const missing = (): number[] => expected.filter((value) => !this.#came.has(value))
    await this.inTime(() => missing().length === 0 || this.states.includes('failed'))
    if (missing().length > 0)
      throw new Error(
        `of ${expected.join()} these did not come: ${missing().join()}; ${this.states.join()}; ` +
          this.errors.map(({ error }) => String(error)).join(),
      )
  }

  async delete(): Promise<void> {
    const { moment } = this.#situation
    // Everything is committed by then, and nothing is on its way.
    if (moment === 'idle') await pass(2000, this.#clock, 50)
    else if (moment === 'producing') await this.#send()
    else {
      this.#isDue = true
      await this.#send()
      await this.inTime(() => !this.#isDue)
      return
    }
    await this.#deleteNow()
  }

  async isThere(): Promise<boolean> {
    return (await this.#apart.admin.listTopics()).some(({ name }) => name === this.#gone)
  }

  /** Its number of partitions, and its retention. */
  async topic(): Promise<unknown> {
    const { config, partitions: count } = await this.#apart.admin.describeTopic(this.#gone)
    return { partitions: count, retention: config['retention.ms'] }
  }

  async leave(): Promise<void> {
    const [app] = this.#apps.splice(0, 1)
    if (app) await inTime(app.close(), this.#clock)
  }

  async close(): Promise<void> {
    while (this.#apps.length > 0) await this.leave()
    await inTime(this.#kafka.close(), this.#clock)
    await inTime(this.#apart.close(), this.#clock)
  }

  /** Waits until it is so, or fails when it never will be. */
  async inTime(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const endMs = this.#clock.monotonic() + longestMs
    await until(async () => (await isSo()) || this.#clock.monotonic() > endMs, this.#clock, 50)
  }

  async #send(): Promise<number[]> {
    const values = Array.from({ length: 3 * partitions }, () => this.#sent++)
    const producer = this.#apart.producer<number>('orders')
    const sent = values.map((value) => producer.send(value, { key: `k${value}`, partition: value % partitions }))
    await inTime(Promise.all(sent), this.#clock)
    await inTime(producer.close(), this.#clock)
    return values
  }

  async #deleteNow(): Promise<void> {
    const { maker } = this.#situation
    await this.#apart.admin.deleteTopic(this.#gone)
    if (maker === 'nobody') return
    const count = maker === 'somebody with others' ? 1 : partitions
    await this.#apart.admin.createTopic(this.#gone, { partitions: count, retentionMs: -1 })
  }

  readonly #deleting: Interceptor = (next) => async (operation, request, options) => {
    const { moment } = this.#situation
    const refusal = operation.name === createTopics.name ? this.refusals.shift() : undefined
    if (refusal) throw refusal
    const answer = await next(operation, request, options)
    const isCommit = operation.name === offsetCommit.name || operation.name === txnOffsetCommit.name
    const isWritten = operation.name === produce.name && JSON.stringify(request).includes(this.#gone)
    if (this.#isDue && (moment === 'writing to it' ? isWritten : isCommit)) {
      this.#isDue = false
      await this.#deleteNow()
    }
    return answer
  }
}
