import { memory } from '@kafkado/broker'
import { intercept, KafkaError, type KafkaErrorName, seededRandom, type Transport } from '@kafkado/core'
import { createConsumer, type Consumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'
import { type FaultRates, Faults, ManualClock } from '@kafkado/testing'
import { readLog, type Sent, violationsIn } from './produced-log.ts'

/** What a client may be answered with by a broker that is not lying. */
const errors: readonly KafkaErrorName[] = [
  'UNKNOWN_SERVER_ERROR',
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REQUEST_TIMED_OUT',
  'REPLICA_NOT_AVAILABLE',
  'MESSAGE_TOO_LARGE',
  'NETWORK_EXCEPTION',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'KAFKA_STORAGE_ERROR',
  'FENCED_MEMBER_EPOCH',
  'STALE_MEMBER_EPOCH',
  'THROTTLING_QUOTA_EXCEEDED',
]

const topic = 'numbers'
const partitions = 3
const records = 150

/**
 * One run: two producers and two consumers whose requests are lost, carried out twice, delayed, answered with errors, or carried out without
 * an answer, as the seed says; then all faults end.
 */
export class FaultyRun {
  readonly #random
  readonly #clock = new ManualClock()
  readonly #engine
  readonly #faults
  readonly #sent = new Map<string, Sent>()
  readonly #seen = new Map<string, number>()
  readonly #consumers: Consumer<string>[] = []
  readonly violations: string[] = []

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    const runtime = { clock: this.#clock, random: this.#random }
    this.#engine = memory({ runtime, defaultPartitions: partitions, sessionTimeout: '8s', heartbeatInterval: '1s' })
    this.#faults = new Faults(runtime)
  }

  get faults(): number {
    return this.#faults.happened
  }

  async run(): Promise<void> {
    this.#faults.atRandom(this.#rates())
    const transport = intercept(this.#engine, this.#faults.interceptor)
    const reading = [this.#read(transport), this.#read(transport)]
    await this.#settled(Promise.all([this.#produce(transport, 'a'), this.#produce(transport, 'b')]))
    this.#faults.clear()
    const delivered = [...this.#sent].filter(([, { outcome }]) => outcome === 'delivered').map(([value]) => value)
    for (let seconds = 0; delivered.some((value) => !this.#seen.has(value)); seconds++) {
      if (seconds > 180) {
        this.violations.push('three minutes after the faults not every delivered record was consumed')
        break
      }
      await this.#clock.advanceAsync(1000)
    }
    await this.#settled(Promise.all(this.#consumers.map((consumer) => consumer.close())))
    await this.#settled(Promise.all(reading))
    const log = await this.#settled(
      readLog(this.#engine, topic, partitions, { clock: this.#clock, random: this.#random }),
    )
    this.violations.push(...violationsIn(log, this.#sent))
    await this.#engine.close()
  }

  #rates(): FaultRates {
    const upTo = (most: number): number => this.#random.next() * most
    return {
      lostRequest: upTo(0.15),
      lostAnswer: upTo(0.15),
      duplicate: upTo(0.1),
      delay: upTo(0.3),
      longestDelay: Math.ceil(upTo(3000)),
      error: upTo(0.2),
      errors,
    }
  }

  async #produce(transport: Transport, name: string): Promise<void> {
    const runtime = { clock: this.#clock, random: this.#random }
    const producer = createProducer<string>(transport, topic, {
      runtime,
      batchSize: Math.floor(this.#random.next() * 400),
      lingerMs: Math.floor(this.#random.next() * 20),
      maxInFlight: 1 + Math.floor(this.#random.next() * 5),
      deliveryTimeout: this.#random.next() < 0.3 ? '3s' : '2m',
      retryBackoffMs: 20,
      maxBufferedBytes: 1000 + Math.floor(this.#random.next() * 20_000),
    })
    const orders = new Map<number, number>()
    const sends: Promise<void>[] = []
    for (let index = 0; index < records; index++) {
      const partition = Math.floor(this.#random.next() * partitions)
      const order = orders.get(partition) ?? 0
      orders.set(partition, order + 1)
      const value = `${name}${index}`
      const sent: Sent = { producer: name, partition, order, outcome: 'waiting', offset: -1 }
      this.#sent.set(value, sent)
      const told = producer.send(value, { partition, key: name }).then(
        ({ offset }) => Object.assign(sent, { outcome: 'delivered', offset }),
        (error: unknown) => {
          if (!KafkaError.is(error)) this.violations.push(`${value} failed with ${String(error)}`)
          else sent.outcome = error.outcome
        },
      )
      sends.push(told.then(() => undefined))
      if (this.#random.next() < 0.2) await producer.ready()
      if (this.#random.next() < 0.4) await this.#pause()
    }
    await producer.close()
    await Promise.all(sends)
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.schedule(this.#random.next() * 200, resolve)
    })
  }

  /** Reads as a service does: what makes reading impossible is logged, and it reads again. */
  async #read(transport: Transport): Promise<void> {
    const consumer = createConsumer<string>(transport, topic, {
      group: 'g',
      runtime: { clock: this.#clock, random: this.#random },
      autoCommitInterval: '300ms',
      fetchMaxWaitMs: 100,
      sessionTimeout: '8s',
    })
    this.#consumers.push(consumer)
    for (;;) {
      const last = new Map<number, number>()
      consumer.on('assigned', ({ partitions: assigned }) => assigned.forEach(({ partition }) => last.delete(partition)))
      try {
        for await (const { value, partition, offset } of consumer) {
          if (offset <= (last.get(partition) ?? -1))
            this.violations.push(`${value}: offset ${offset} was read out of order`)
          last.set(partition, offset)
          this.#seen.set(value, (this.#seen.get(value) ?? 0) + 1)
        }
        return
      } catch (error) {
        if (!KafkaError.is(error)) this.violations.push(`reading failed with ${String(error)}`)
        if (consumer.health().state === 'closed') return
        await this.#pause()
      }
    }
  }

  async #settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    for (let steps = 0; !isSettled; steps++) {
      if (steps > 5000) throw new Error(`nothing ends: ${this.violations.join('; ')}`)
      await this.#clock.advanceAsync(100)
    }
    return promise
  }
}
