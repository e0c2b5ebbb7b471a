import { sleep } from '@kafkado/core/internal'
import { createProducer, type Producer } from '@kafkado/producer'
import { poisoned } from '../history/poison.ts'
import type { ProducerPlan, TransactorPlan, CopierPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { drawTraits, traitsGiven } from './record-traits.ts'
import { textTopic } from './text-topic.ts'
import { tombstoneHeader } from './tombstones.ts'

/** How long something that went wrong may still be in the way: what waits for an answer gives up by then. */
const calmMs = 5000

/** Sends records to some topics, awaited or not, and closes. */
export class ProducingClient implements Application {
  readonly done: Promise<void>
  readonly #process: ClientProcess
  readonly #plan: ProducerPlan
  readonly #producers = new Map<string, Producer<string>>()
  #order = 0
  #isOver = false
  #closing: Promise<void> | undefined

  constructor(process: ClientProcess, plan: ProducerPlan) {
    this.#process = process
    this.#plan = plan
    this.done = this.#run()
  }

  close(): Promise<void> {
    this.#isOver = true
    return this.done
  }

  async #run(): Promise<void> {
    const { records, pauseMs, topics } = this.#plan
    const sends: Promise<void>[] = []
    for (let index = 0; index < records && !this.#isOver; index++) {
      const topic = this.#process.pick(topics)
      const sent = this.#send(topic, index)
      sends.push(sent)
      const then = this.#process.random.next()
      if (then < 0.1) await sent
      else if (then < 0.3) await this.#producer(topic).ready()
      else if (then < 0.7) await this.#process.pause(pauseMs)
    }
    if (this.#plan.sendsWhenWell) {
      await Promise.all(sends)
      sends.push(...(await this.#sendWhenWell()))
    }
    await this.#close()
    await Promise.all(sends)
  }

  /** One record to each partition, once nothing that went wrong can still go on. */
  async #sendWhenWell(): Promise<Promise<void>[]> {
    const { world } = this.#process
    while (!world.isHealed && !this.#isOver) await sleep(this.#process.clock, 500)
    await sleep(this.#process.clock, calmMs)
    if (this.#isOver) return []
    const { topics, records } = this.#plan
    return topics.flatMap((topic) =>
      [...Array(world.partitionsOf(topic)).keys()].map((partition) => this.#send(topic, records, partition)),
    )
  }

  async #send(topic: string, index: number, whenWell?: number): Promise<void> {
    const { keys, isIdempotent, tombstoneRate, poisonRate, deliveryTimeoutMs } = this.#plan
    const name = `${this.#process.name}-${index}${whenWell === undefined ? '' : `-${whenWell}`}`
    const value = poisonRate > 0 && this.#process.chance(poisonRate) ? poisoned(name) : name
    const key = keys > 0 && whenWell === undefined ? { key: `k${Math.floor(this.#process.random.next() * keys)}` } : {}
    const chosen = whenWell === undefined ? {} : { partition: whenWell }
    const place =
      keys > 0 || whenWell !== undefined
        ? chosen
        : { partition: Math.floor(this.#process.random.next() * this.#process.world.partitionsOf(topic)) }
    const producer = isIdempotent ? 'idempotent' : 'plain'
    const isTombstone = keys > 0 && whenWell === undefined && this.#process.chance(tombstoneRate)
    const drawn = drawTraits(this.#process, index)
    const traits = isTombstone ? { ...drawn, headers: { ...drawn.headers, [tombstoneHeader]: value } } : drawn
    const given = { ...key, ...place, ...traitsGiven(traits, this.#process), ...this.#process.serverTime }
    const kind = {
      producer,
      deliveryTimeoutMs,
      ...(isTombstone && { isTombstone }),
      ...(whenWell !== undefined && { isWhenWell: true as const }),
    } as const
    this.#process.tell({ type: 'send', value, topic, ...kind, order: this.#order++, ...given })
    try {
      const { partition, offset, timestamp } = await this.#producer(topic).send(isTombstone ? null : value, {
        ...key,
        ...place,
        ...traits,
      })
      const said = { partition, offset, timestamp, ...this.#process.serverTime }
      this.#process.tell({ type: 'sent', value, outcome: 'ok', topic, ...said })
    } catch (error) {
      this.#process.tell({ type: 'sent', value, topic, ...this.#process.failure(error) })
    }
  }

  #producer(topic: string): Producer<string> {
    let producer = this.#producers.get(topic)
    if (!producer) {
      const { isIdempotent, acks, maxBufferedBytes } = this.#plan
      producer = createProducer(this.#process.transport, textTopic(topic), {
        ...producingOptions(this.#process, this.#plan),
        acks,
        maxBufferedBytes,
        idempotent: isIdempotent,
      })
      this.#producers.set(topic, producer)
    }
    return producer
  }

  #close(): Promise<void> {
    const { deliveryTimeoutMs } = this.#plan
    this.#closing ??= Promise.all(
      [...this.#producers].map(([topic, producer]) =>
        this.#process.closing(`producer of ${topic}`, deliveryTimeoutMs, () => producer.close()),
      ),
    ).then(() => undefined)
    return this.#closing
  }
}

export function producingOptions(process: ClientProcess, plan: ProducerPlan | TransactorPlan | CopierPlan) {
  return {
    runtime: process.runtime,
    batchSize: plan.batchSize,
    lingerMs: plan.lingerMs,
    maxInFlight: plan.maxInFlight,
    deliveryTimeout: plan.deliveryTimeoutMs,
    retryBackoffMs: 20,
    compression: plan.compression,
  }
}
