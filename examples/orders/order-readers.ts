import type { Consumer, TopicPartition } from '@kafkado/consumer'
import { systemClock } from '@kafkado/core'
import type { KafkaClient } from 'kafkado'
import { orderLineOf } from './order-line.ts'
import { OrderTotals } from './order-totals.ts'
import { group, partitions, topic } from './order-topic.ts'

export interface Consumed {
  readonly totals: OrderTotals
  readonly tookMs: number
}

/**
 * The consumers of the group. They begin to read once they share the partitions, and end when they have seen
 * everything.
 */
export class OrderReaders {
  readonly totals = new OrderTotals()
  /** The partitions of each member, once they are shared. */
  readonly shares = new Map<string, Set<number>>()
  readonly #members: (readonly [name: string, consumer: Consumer<unknown>])[]
  readonly #reading: Promise<void>[]
  readonly #shared = new AbortController()
  #expected = Number.POSITIVE_INFINITY
  #firstMs: number | undefined
  #lastMs = 0

  constructor(kafka: KafkaClient) {
    this.#members = ['first', 'second'].map((name) => {
      const share = new Set<number>()
      this.shares.set(name, share)
      const onAssigned = (added: readonly TopicPartition[]): void => {
        for (const { partition } of added) share.add(partition)
        const sizes = [...this.shares.values()].map(({ size }) => size)
        if (sizes.every((size) => size === partitions / sizes.length)) this.#shared.abort()
      }
      const onRevoked = (gone: readonly TopicPartition[]): void => {
        if (!this.#isDone) for (const { partition } of gone) share.delete(partition)
      }
      return [name, kafka.consumer<unknown>(topic, { group, onAssigned, onRevoked })]
    })
    this.#reading = this.#members.map(([, consumer]) => this.#read(consumer))
  }

  /** Resolves when both members have their share of the partitions. */
  async shared(): Promise<void> {
    const shared = new Promise<void>((resolve) => {
      if (this.#shared.signal.aborted) resolve()
      else this.#shared.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([shared, Promise.all(this.#reading)])
  }

  /** Resolves when that many records were read. */
  async finish(expected: number): Promise<Consumed> {
    this.#expected = expected
    await this.#endWhenDone()
    await Promise.all(this.#reading)
    return { totals: this.totals, tookMs: this.#lastMs - (this.#firstMs ?? this.#lastMs) }
  }

  get #isDone(): boolean {
    return this.totals.records >= this.#expected
  }

  async #read(consumer: Consumer<unknown>): Promise<void> {
    for await (const batch of consumer.batches({ size: 1000, timeout: 0 })) {
      this.#firstMs ??= systemClock.monotonic()
      for (const record of batch) this.totals.add(record.partition, record.offset, orderLineOf(record.value))
      await batch.commit()
      this.#lastMs = systemClock.monotonic()
      await this.#endWhenDone()
    }
  }

  async #endWhenDone(): Promise<void> {
    if (this.#isDone) await Promise.all(this.#members.map(([, consumer]) => consumer.close()))
  }
}
