import { join } from 'node:path'
import { createConsumer } from '@kafkado/consumer'
import { http, systemClock, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { createProducer, createTransactionalProducer } from '@kafkado/producer'
import { createStreamsBuilder } from '@kafkado/streams'

/** Clients that come, work and go at a steady pace, until they are stopped. */
export class SteadyWork {
  readonly counts: Record<string, number> = {
    records: 0,
    transactions: 0,
    'records read': 0,
    'clients that came and went': 0,
    'streams applications that came and went': 0,
  }
  readonly failures: string[] = []
  readonly #url: string
  readonly #folder: string
  readonly #over = new AbortController()
  readonly #running: Promise<void>[]
  #count = 0

  constructor(url: string, folder: string) {
    this.#url = url
    this.#folder = folder
    this.#running = [
      this.#every(
        200,
        this.#client((transport) => this.#produce(transport, 'events', 100)),
      ),
      this.#every(
        300,
        this.#client((transport) => this.#produce(transport, 'state', 20)),
      ),
      this.#every(
        400,
        this.#client((transport) => this.#transact(transport)),
      ),
      this.#every(
        500,
        this.#client((transport) => this.#read(transport, 'readers', 200)),
      ),
      this.#every(
        900,
        this.#client((transport) => this.#read(transport, undefined, 100)),
      ),
      this.#every(
        200,
        this.#client((transport) => this.#leaveEarly(transport)),
      ),
      this.#every(
        2000,
        this.#client((transport) => this.#stream(transport)),
      ),
    ]
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#running)
  }

  /** Does it again and again, with a pause. */
  async #every(pauseMs: number, act: () => Promise<void>): Promise<void> {
    while (!this.#over.signal.aborted) {
      await act().catch((error: unknown) => this.failures.push(String(error)))
      await sleep(systemClock, pauseMs, this.#over.signal).catch(() => undefined)
    }
  }

  /** Each time with a transport of its own, as a process has that starts. */
  #client(act: (transport: Transport) => Promise<void>): () => Promise<void> {
    return async () => {
      const transport = http(this.#url)
      try {
        await act(transport)
        this.#add('clients that came and went', 1)
      } finally {
        await transport.close()
      }
    }
  }

  async #produce(transport: Transport, topic: string, records: number): Promise<void> {
    await using producer = createProducer<number>(transport, topic)
    await producer.sendBatch(Array.from({ length: records }, (_, index) => ({ key: `k${index % 20}`, value: index })))
    this.#add('records', records)
  }

  async #transact(transport: Transport): Promise<void> {
    await using producer = createTransactionalProducer(transport, { transactionalId: `teller-${this.#count++}` })
    await producer.transaction(async (tx) => {
      await Promise.all([0, 1, 2].map((partition) => tx.send('ledger', partition, { partition })))
    })
    this.#add('transactions', 1)
  }

  /** Reads what has come since, or so many records. */
  async #read(transport: Transport, group: string | undefined, records: number): Promise<void> {
    const consumer = createConsumer<number>(transport, 'events', {
      group,
      fetchMaxWaitMs: 100,
      autoCommitInterval: 200,
    })
    const isOver = (): void => void consumer.close()
    this.#over.signal.addEventListener('abort', isOver)
    for await (const _ of consumer.take(records)) this.#add('records read', 1)
    this.#over.signal.removeEventListener('abort', isOver)
    await consumer.close()
  }

  /** Waits for records that do not come, and goes in the middle of that. */
  async #leaveEarly(transport: Transport): Promise<void> {
    const consumer = createConsumer(transport, 'events', {
      group: undefined,
      offset: { timestamp: systemClock.now() + 3_600_000 },
    })
    const next = consumer.next().catch(() => undefined)
    await sleep(systemClock, 100)
    await consumer.close()
    await next
  }

  async #stream(transport: Transport): Promise<void> {
    const builder = createStreamsBuilder(transport, {
      application: 'counting',
      guarantee: 'exactly-once',
      commitInterval: 100,
      stateDirectory: join(this.#folder, 'streams'),
    })
    builder.stream<number>('events').groupByKey().count({ name: 'counted' }).to('counts')
    const app = await builder.start()
    await sleep(systemClock, 6000, this.#over.signal).catch(() => undefined)
    await app.close()
    this.#add('streams applications that came and went', 1)
  }

  #add(name: string, count: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + count
  }
}
