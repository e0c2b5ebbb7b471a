import { memory } from '@kafkado/broker'
import { http, KafkaError, seededRandom } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { createHandler } from '@kafkado/server'
import { ManualClock } from '@kafkado/testing'
import { FaultyNetwork, type NetworkFaults } from './faulty-fetch.ts'
import { readLog, type Sent, violationsIn } from './produced-log.ts'

const topic = 'numbers'
const partitions = 2
const records = 60

/** One run: three producers over HTTP, on a network whose faults the seed says. They lie beneath the retries of the transport. */
export class FaultyNetworkRun {
  readonly #random
  readonly #clock = new ManualClock()
  readonly #engine
  readonly #network
  readonly #sent = new Map<string, Sent>()
  readonly violations: string[] = []

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    const runtime = { clock: this.#clock, random: this.#random }
    this.#engine = memory({ runtime, defaultPartitions: partitions })
    this.#network = new FaultyNetwork(createHandler(this.#engine, { log: () => undefined }), this.#clock, this.#random)
  }

  get faults(): number {
    return this.#network.happened
  }

  get outcomes(): Record<Sent['outcome'], number> {
    const counts = { waiting: 0, delivered: 0, failed: 0, unknown: 0 }
    for (const { outcome } of this.#sent.values()) counts[outcome]++
    return counts
  }

  async run(): Promise<void> {
    this.#network.faults = this.#rates()
    await this.#settled(Promise.all(['a', 'b', 'c'].map((name) => this.#produce(name))))
    // Whatever is late arrives before the log is read.
    for (let seconds = 0; seconds < 30; seconds++) await this.#advance(1000)
    this.#network.faults = undefined
    const runtime = { clock: this.#clock, random: this.#random }
    const log = await this.#settled(readLog(this.#engine, topic, partitions, runtime))
    this.violations.push(...violationsIn(log, this.#sent))
    await this.#engine.close()
  }

  #rates(): NetworkFaults {
    const upTo = (most: number): number => this.#random.next() * most
    return {
      lostRequest: upTo(0.1),
      lostAnswer: upTo(0.1),
      late: upTo(0.15),
      silent: upTo(0.05),
      copied: upTo(0.15),
      truncated: upTo(0.05),
      proxyError: upTo(0.1),
      longestDelayMs: upTo(8000),
    }
  }

  async #produce(name: string): Promise<void> {
    const runtime = { clock: this.#clock, random: this.#random }
    const { fetch } = this.#network
    const url = 'http://kafkado.test'
    const transport = http({ url, fetch, runtime, timeout: 500 + Math.floor(this.#random.next() * 2000), retries: 3 })
    const producer = createProducer<string>(transport, topic, {
      runtime,
      batchSize: Math.floor(this.#random.next() * 300),
      maxInFlight: 1 + Math.floor(this.#random.next() * 5),
      deliveryTimeout: 1000 + Math.floor(this.#random.next() * 6000),
      retryBackoffMs: 20,
    })
    const orders = new Map<number, number>()
    const told: Promise<void>[] = []
    for (let index = 0; index < records; index++) {
      const partition = Math.floor(this.#random.next() * partitions)
      const order = orders.get(partition) ?? 0
      orders.set(partition, order + 1)
      const value = `${name}${index}`
      const sent: Sent = { producer: name, partition, order, outcome: 'waiting', offset: -1 }
      this.#sent.set(value, sent)
      const delivered = producer.send(value, { partition }).then(
        ({ offset }) => void Object.assign(sent, { outcome: 'delivered', offset }),
        (error: unknown) => {
          if (!KafkaError.is(error)) this.violations.push(`${value} failed with ${String(error)}`)
          else sent.outcome = error.outcome
        },
      )
      told.push(delivered)
      if (this.#random.next() < 0.5) await this.#pause()
    }
    await producer.close()
    await Promise.all(told)
    await transport.close()
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.schedule(this.#random.next() * 150, resolve)
    })
  }

  /** Time goes on when what arrived has been carried out, which takes no time. */
  async #advance(byMs: number): Promise<void> {
    await this.#network.idle()
    await this.#clock.advanceAsync(byMs)
    await this.#network.idle()
  }

  async #settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    for (let steps = 0; !isSettled; steps++) {
      if (steps > 50_000) throw new Error(`nothing ends: ${this.violations.join('; ')}`)
      await this.#advance(10)
    }
    return promise
  }
}
