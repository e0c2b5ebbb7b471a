import { type Admin, createAdmin } from '@kafkado/admin'
import { type Consumer, createConsumer } from '@kafkado/consumer'
import { systemClock, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { createProducer } from '@kafkado/producer'
import { until } from '../../passing-time.ts'
import { type Customer, inputs, type Order, outputs, type Payment, visited, visits } from './shop.ts'

const partitions = 4
const customers = 30
const stepMs = 10_000
/** So many orders lie between an order and its change that the window of its payment is over. */
const changedAfter = 500
/** Between two visits, which is less than a task waits for others before it goes on. */
const visitMs = 50
/** One order of so many happens now, so that old ones lie behind it in its partition; it is never changed. */
const isLive = (number: number): boolean => number % 10 === 5

/** What happens in a shop, and what its application has to make of it. */
export class ShopRun {
  readonly expectedTotals = new Map<string, number>()
  readonly totals = new Map<string, number>()
  readonly named = new Map<string, string | null>()
  /** How often each pair came out. */
  readonly paid = new Map<string, number>()
  /** How often each visit came out. */
  readonly visited = new Map<number, number>()
  updates = 0
  fail!: (error: unknown) => void
  readonly #orders = new Map<string, Order>()
  readonly #names = new Map<string, string>()
  readonly #random: { next(): number }
  readonly #admin: Admin
  readonly #consumer: Consumer<unknown>
  readonly #reading: Promise<void>
  readonly #failed: Promise<never>
  readonly #producers: readonly ReturnType<typeof createProducer<unknown>>[]
  readonly #beginMs: number
  readonly #visiting: Promise<void>
  #visits = 0
  #isOpen = true
  #count = 0

  private constructor(transport: Transport, random: { next(): number }, beginMs: number) {
    this.#random = random
    this.#admin = createAdmin(transport)
    this.#beginMs = beginMs
    const producerOf = (topic: string): ReturnType<typeof createProducer<unknown>> =>
      createProducer<unknown>(transport, topic, { deliveryTimeout: '10m', retryBackoffMs: 20 })
    this.#producers = inputs.map(producerOf)
    this.#consumer = createConsumer<unknown>(transport, [...outputs])
    this.#failed = new Promise((_, reject) => {
      this.fail = reject
    })
    this.#failed.catch(() => undefined)
    this.#reading = this.#read()
    this.#reading.catch((error: unknown) => this.fail(error))
    this.#visiting = this.#visit(producerOf(visits))
    this.#visiting.catch((error: unknown) => this.fail(error))
  }

  /** Makes the topics. @param beginMs the time of the first record, long ago */
  static async start(transport: Transport, random: { next(): number }, beginMs: number): Promise<ShopRun> {
    const admin = createAdmin(transport)
    // The records are older than a server keeps them for.
    const config = { 'retention.ms': '-1' }
    for (const topic of [...inputs, visits, ...outputs]) await admin.createTopic(topic, { partitions, config })
    return new ShopRun(transport, random, beginMs)
  }

  get orders(): number {
    return this.#count
  }

  get visits(): number {
    return this.#visits
  }

  /** So many further orders with their payments, changes of former orders, and changes of customers. */
  async produce(orders: number): Promise<void> {
    const batches: Record<(typeof inputs)[number], { key: string; value: unknown; timestamp: number }[]> = {
      'shop.orders': [],
      'shop.customers': [],
      'shop.payments': [],
    }
    for (let index = 0; index < orders; index++) {
      const number = this.#count++
      const timestamp = isLive(number) ? systemClock.now() : this.#beginMs + number * stepMs
      const isChange = number % 10 === 0 && number >= changedAfter
      const id = `order-${isChange ? number - changedAfter : number}`
      const order = { id, customer: `customer-${this.#below(customers)}`, amount: 1 + this.#below(1000) }
      this.#orders.set(id, order)
      this.expectedTotals.set(order.customer, (this.expectedTotals.get(order.customer) ?? 0) + order.amount)
      batches['shop.orders'].push({ key: id, value: order, timestamp })
      const payment: Payment = { id: `payment-${number}`, order: id }
      batches['shop.payments'].push({ key: payment.id, value: payment, timestamp: timestamp + stepMs / 2 })
      if (number % 7 !== 0) continue
      const key = `customer-${this.#below(customers)}`
      const isGone = this.#below(5) === 0
      const value: Customer | null = isGone ? null : { name: `name-${number}` }
      if (value) this.#names.set(key, value.name)
      else this.#names.delete(key)
      batches['shop.customers'].push({ key, value, timestamp })
    }
    const sending = Promise.all(
      this.#producers.map((producer, index) => producer.sendBatch(batches[inputs[index] ?? 'shop.orders'])),
    )
    sending.catch((error: unknown) => this.fail(error))
    await sending
  }

  /** Resolves when so many results were read. */
  async reached(updates: number): Promise<void> {
    await Promise.race([until(() => this.updates >= updates), this.#failed])
  }

  /**
   * Resolves when all results are there, those of old records while visits go on; a join by foreign key may take
   * several steps.
   */
  async finished(): Promise<void> {
    const expected = this.expectedNamed
    const isDone = (): boolean => {
      const sum = [...this.paid.values()].reduce((total, count) => total + count, 0)
      return (
        sum >= this.#count &&
        [...this.expectedTotals].every(([key, total]) => this.totals.get(key) === total) &&
        [...expected].every(([key, name]) => (this.named.get(key) ?? null) === name)
      )
    }
    await Promise.race([until(isDone), this.#failed])
    this.#isOpen = false
    await this.#visiting
    await Promise.race([until(() => this.visited.size >= this.#visits), this.#failed])
    const ends = await Promise.all(outputs.map((topic) => this.#admin.describeTopic(topic)))
    const positionOf = (topic: string, partition: number): number =>
      this.#consumer.health().partitions.find((one) => one.topic === topic && one.partition === partition)?.position ??
      0
    await until(() =>
      ends.every(({ name, offsets }) =>
        offsets.every(({ partition, latest }) => positionOf(name, partition) >= latest),
      ),
    )
  }

  /** The row of each order in the end: null where its customer is gone. */
  get expectedNamed(): Map<string, string | null> {
    return new Map(
      [...this.#orders].map(([id, { customer, amount }]) => {
        const name = this.#names.get(customer)
        return [id, name === undefined ? null : `${name} ${amount}`]
      }),
    )
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await this.#visiting.catch(() => undefined)
    await Promise.all(this.#producers.map((producer) => producer.close()))
    await this.#consumer.close()
    await this.#reading
  }

  #below(most: number): number {
    return Math.floor(this.#random.next() * most)
  }

  async #visit(producer: ReturnType<typeof createProducer<unknown>>): Promise<void> {
    while (this.#isOpen) {
      const key = `visitor-${this.#visits % 20}`
      producer.send(this.#visits++, { key }).catch((error: unknown) => this.fail(error))
      await sleep(systemClock, visitMs)
    }
    await producer.close()
  }

  async #read(): Promise<void> {
    for await (const { topic, key, value } of this.#consumer) {
      if (topic === visited) {
        this.visited.set(value as number, (this.visited.get(value as number) ?? 0) + 1)
        continue
      }
      this.updates++
      if (topic === 'shop.totals') this.totals.set(key ?? '', value as number)
      else if (topic === 'shop.named') this.named.set(key ?? '', value as string | null)
      else this.paid.set(value as string, (this.paid.get(value as string) ?? 0) + 1)
    }
  }
}
