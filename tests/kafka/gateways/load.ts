import { type RecordMetadata, seededRandom } from '@kafkado/core'
import { createProducer, createTransactionalProducer } from '@kafkado/producer'
import type { Sprayer } from './sprayer.ts'

export const partitions = 6
/** Their partitions are chosen by the producers, so the order of a key is that of one partition. */
const keys = 50
const burst = 20
/** How many bursts of the idempotent producer are on their way at a time. */
const burstsInFlight = 3

export interface Sent {
  readonly key: string
  /** In the order in which its producer sent it. */
  readonly order: number
  /** Undefined until it was acknowledged, and for good where it was aborted. */
  place: { readonly partition: number; readonly offset: number } | undefined
}

/**
 * Records with values that are all different, by an idempotent producer and a transactional one at the same time, until
 * there is enough.
 */
export class Load {
  /** By value: what was acknowledged, or committed. */
  readonly delivered = new Map<string, Sent>()
  /** The values of aborted transactions, which nobody may see. */
  readonly aborted = new Set<string>()
  /** What a client was told that is not to be noticed. */
  readonly failures: unknown[] = []
  readonly counts = { plain: 0, committed: 0, transactions: 0, aborts: 0 }
  readonly longestMs = { acknowledgement: 0, transaction: 0 }
  readonly #sprayer: Sprayer
  readonly #topic: string
  readonly #random: { next(): number }
  readonly #waiting: { enough: number; resolve: () => void }[] = []
  #running: Promise<void>[] = []
  #isOver = false

  constructor(sprayer: Sprayer, topic: string, seed: number) {
    this.#sprayer = sprayer
    this.#topic = topic
    this.#random = seededRandom(seed)
  }

  start(): void {
    this.#running = [this.#produce(), this.#transact()]
  }

  /** Resolves when so many more were delivered. @throws what a client was told that is not to be noticed */
  more(count: number): Promise<void> {
    return this.reached(this.delivered.size + count)
  }

  async reached(enough: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push({ enough, resolve })
      this.#tell()
    })
    if (this.failures.length > 0) throw this.failures[0]
  }

  /** Behind the last record of each partition. */
  ends(): Map<number, number> {
    const ends = new Map<number, number>()
    for (const { place } of this.delivered.values())
      if (place) ends.set(place.partition, Math.max(ends.get(place.partition) ?? 0, place.offset + 1))
    return ends
  }

  /** Resolves when what was begun is done, and nothing more is sent. */
  async finish(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#running)
  }

  async #produce(): Promise<void> {
    const transport = this.#sprayer.transport()
    const producer = createProducer<string>(transport, this.#topic)
    const bursts: Promise<unknown>[] = []
    for (let order = 0; !this.#isOver;) {
      const sending = Array.from({ length: burst }, () => {
        const [key, value, begunMs] = [`plain-${order % keys}`, `plain ${order}`, performance.now()]
        const sent: Sent = { key, order: order++, place: undefined }
        return producer.send(value, { key }).then(
          (metadata) => {
            this.longestMs.acknowledgement = Math.max(this.longestMs.acknowledgement, performance.now() - begunMs)
            this.counts.plain++
            this.#deliver(value, sent, metadata)
          },
          (error: unknown) => this.#fail(error),
        )
      })
      bursts.push(Promise.all(sending))
      if (bursts.length >= burstsInFlight) await bursts.shift()
    }
    await Promise.all(bursts)
    await producer.close()
    await transport.close()
  }

  async #transact(): Promise<void> {
    const transport = this.#sprayer.transport()
    const producer = createTransactionalProducer(transport, { transactionalId: this.#topic })
    for (let order = 0; !this.#isOver;) {
      const own = Array.from({ length: burst }, () => {
        const sent: Sent = { key: `transacted-${order % keys}`, order: order++, place: undefined }
        return { value: `transacted ${sent.order}`, sent }
      })
      const isAborted = this.#random.next() < 0.2
      const begunMs = performance.now()
      try {
        await producer.transaction(async (tx) => {
          const sending = own.map(async ({ value, sent: { key } }) => tx.send(this.#topic, value, { key }))
          const places = await Promise.all(sending)
          if (isAborted) throw new Abort()
          for (const [index, { sent }] of own.entries()) sent.place = places[index]
        })
        this.counts.transactions++
        for (const { value, sent } of own) {
          this.counts.committed++
          this.#deliver(value, sent, sent.place)
        }
      } catch (error) {
        if (!(error instanceof Abort)) this.#fail(error)
        this.counts.aborts++
        for (const { value } of own) this.aborted.add(value)
      }
      this.longestMs.transaction = Math.max(this.longestMs.transaction, performance.now() - begunMs)
    }
    await producer.close()
    await transport.close()
  }

  #deliver(value: string, sent: Sent, place: Pick<RecordMetadata, 'partition' | 'offset'> | undefined): void {
    sent.place = place && { partition: place.partition, offset: place.offset }
    this.delivered.set(value, sent)
    this.#tell()
  }

  #fail(error: unknown): void {
    this.failures.push(error)
    this.#isOver = true
    this.#tell()
  }

  #tell(): void {
    // Who waits for records of a load that has failed would wait for ever.
    for (const { enough, resolve } of this.#waiting)
      if (this.failures.length > 0 || this.delivered.size >= enough) resolve()
  }
}

/** What a body throws to have its transaction aborted. */
class Abort extends Error {}
