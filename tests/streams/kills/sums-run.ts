import { type Admin, createAdmin } from '@kafkado/admin'
import { type Consumer, createConsumer } from '@kafkado/consumer'
import type { Transport } from '@kafkado/core'
import { createProducer, type Producer } from '@kafkado/producer'
import { until } from '../../passing-time.ts'
import { input, output, type Payment } from '../../../packages/streams/test/sums.ts'

const partitions = 4
const customers = 40

/** Payments for the application to sum, and every sum that it commits. */
export class SumsRun {
  /** What the last of all sums of each customer has to be. */
  readonly expected = new Map<string, number>()
  /** Every committed update: the last of a key is its sum, and there is one for each payment. */
  readonly sums = new Map<string, number>()
  updates = 0
  readonly #admin: Admin
  readonly #random: { next(): number }
  readonly #waiting: { enough: number; resolve: () => void }[] = []
  readonly #failed: Promise<never>
  /** What went wrong, be it with reading, producing or a member, so that nobody waits for what will not come. */
  fail!: (error: unknown) => void
  readonly #reader: Consumer<number>
  readonly #reading: Promise<void>
  readonly #producer: Producer<Payment>

  private constructor(transport: Transport, random: { next(): number }) {
    this.#admin = createAdmin(transport)
    this.#random = random
    this.#producer = createProducer<Payment>(transport, input, { deliveryTimeout: '10m', retryBackoffMs: 20 })
    this.#reader = createConsumer<number>(transport, output)
    this.#failed = new Promise((_, reject) => {
      this.fail = reject
    })
    this.#failed.catch(() => undefined)
    this.#reading = this.#read()
    this.#reading.catch((error: unknown) => this.fail(error))
  }

  /** Makes the topics, and begins to read. */
  static async start(transport: Transport, random: { next(): number }): Promise<SumsRun> {
    const admin = createAdmin(transport)
    for (const topic of [input, output]) await admin.createTopic(topic, { partitions })
    return new SumsRun(transport, random)
  }

  /** Resolves when so many updates were committed and read. */
  async reached(enough: number): Promise<void> {
    if (this.updates >= enough) return
    const read = new Promise<void>((resolve) => this.#waiting.push({ enough, resolve }))
    await Promise.race([read, this.#failed])
  }

  /** Sends the payments of these numbers. */
  async produce(from: number, to: number): Promise<void> {
    const payments = Array.from({ length: to - from }, (_, index) => {
      const customerId = `customer-${Math.floor(this.#random.next() * customers)}`
      const amount = 1 + Math.floor(this.#random.next() * 1000)
      this.expected.set(customerId, (this.expected.get(customerId) ?? 0) + amount)
      return { key: `payment-${from + index}`, value: { customerId, amount } }
    })
    const sending = this.#producer.sendBatch(payments)
    sending.catch((error: unknown) => this.fail(error))
    await sending
  }

  /** Resolves when everything up to the end of the output was read, so an update that is there twice was seen twice. */
  async readToEnd(): Promise<void> {
    const { offsets: ends } = await this.#admin.describeTopic(output)
    const positionOf = (partition: number): number =>
      this.#reader.health().partitions.find((one) => one.partition === partition)?.position ?? 0
    await until(() => ends.every(({ partition, latest }) => positionOf(partition) >= latest))
  }

  async close(): Promise<void> {
    await this.#producer.close()
    await this.#reader.close()
    await this.#reading
  }

  async #read(): Promise<void> {
    for await (const { key, value } of this.#reader) {
      this.sums.set(key ?? '', value)
      this.updates++
      for (const { enough, resolve } of this.#waiting) if (this.updates >= enough) resolve()
    }
  }
}
