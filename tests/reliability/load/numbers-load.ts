import { KafkaError, type Transport } from '@kafkado/core'
import { createProducer, type Producer } from '@kafkado/producer'
import { type Harness, readAll } from '@kafkado/testing/conformance'
import { type LoadPart, partitionCount, type Progress } from './load-part.ts'

/** Sends the numbers from 0 up, many at once, so that something is always in flight. */
export class NumbersLoad implements LoadPart {
  readonly #topic: string
  readonly #isIdempotent: boolean
  readonly #producer: Producer<number>
  readonly #progress: Progress
  readonly #acknowledged = new Map<number, string>()
  readonly #failed = new Map<number, KafkaError>()
  readonly #other: unknown[] = []
  readonly #running: Promise<void>
  #sent = 0
  #isOver = false

  /**
   * @param isIdempotent an idempotent producer has all of it written in order; a plain one learns that some outcomes
   *   are not known
   */
  constructor(transport: Transport, topic: string, isIdempotent: boolean, progress: Progress) {
    this.#topic = topic
    this.#isIdempotent = isIdempotent
    this.#progress = progress
    const config = { deliveryTimeout: '10m', retryBackoffMs: 10, idempotent: isIdempotent } as const
    this.#producer = createProducer<number>(transport, topic, config)
    this.#running = this.#produce()
  }

  get counts(): Record<string, number> {
    const kind = this.#isIdempotent ? 'idempotent' : 'plain'
    return { [`${kind} records sent`]: this.#sent, [`${kind} records acknowledged`]: this.#acknowledged.size }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
    await this.#producer.close()
  }

  async check(harness: Harness): Promise<string[]> {
    const wrong: string[] = this.#other.map((error) => `${this.#topic}: a send failed with ${String(error)}`)
    const places = new Map<number, string>()
    for (let partition = 0; partition < partitionCount; partition++)
      wrong.push(...(await this.#readPartition(harness, partition, places)))
    for (const [number, place] of this.#acknowledged) {
      if (places.get(number) !== place)
        wrong.push(`${this.#topic}: ${number}, acknowledged at ${place}, is at ${places.get(number)}`)
    }
    for (const [number, error] of this.#failed) {
      if (error.outcome === 'failed' && places.has(number))
        wrong.push(`${this.#topic}: ${number} is there, which failed with ${error.message}`)
      if (this.#isIdempotent) wrong.push(`${this.#topic}: ${number} was given up: ${error.message}`)
    }
    if (this.#isIdempotent && places.size !== this.#sent)
      wrong.push(`${this.#topic}: of ${this.#sent} records ${places.size} are there`)
    return wrong
  }

  async #readPartition(harness: Harness, partition: number, places: Map<number, string>): Promise<string[]> {
    const wrong: string[] = []
    let last = -1
    for (let offset = 0; ;) {
      const records = await readAll((await harness.fetch(this.#topic, offset, { partition })).records)
      if (records.length === 0) return wrong
      for (const record of records) {
        const number = Number(record.value)
        const place = `${partition}/${record.offset}`
        if (record.offset !== offset++) wrong.push(`${this.#topic}: ${place} stands where ${offset - 1} was expected`)
        if (places.has(number)) wrong.push(`${this.#topic}: ${number} is at ${places.get(number)} and at ${place}`)
        if (this.#isIdempotent && number <= last) wrong.push(`${this.#topic}: ${number} comes after ${last}`)
        places.set(number, place)
        last = number
      }
    }
  }

  async #produce(): Promise<void> {
    while (!this.#isOver) {
      const sending = Array.from({ length: 30 }, () => this.#send(this.#sent++))
      // Batches overlap.
      await Promise.all(sending.slice(0, 10))
    }
  }

  async #send(number: number): Promise<void> {
    try {
      const { partition, offset } = await this.#producer.send(number, { partition: number % partitionCount })
      this.#acknowledged.set(number, `${partition}/${offset}`)
      this.#progress.tell()
    } catch (error) {
      if (KafkaError.is(error)) this.#failed.set(number, error)
      else this.#other.push(error)
    }
  }
}
