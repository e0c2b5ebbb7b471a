import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTopics, http, seededRandom, type Transport } from '@kafkado/core'
import { createProducer, type Producer } from '@kafkado/producer'
import { Harness, readAll, TestProducer } from '@kafkado/testing/conformance'
import { expect, it } from 'vitest'
import { partitionCount, topics, transactionalIds } from './acknowledgement.ts'
import { MortalServer } from './mortal-server.ts'

/** More where time does not matter. */
const kills = Number(process.env['KAFKADO_KILLS'] ?? (process.env['CI'] ? 50 : 5))

/** What goes on while the server dies again and again: numbers from one producer, transactions from two. */
class Load {
  readonly acknowledged = new Map<number, { partition: number; offset: number }>()
  readonly transactions = new Map<string, boolean>()
  readonly failures: unknown[] = []
  sent = 0
  #isOver = false
  readonly #waiting: { enough: number; resolve: () => void }[] = []
  readonly #running: Promise<void>[] = []
  readonly #producer: Producer<number>

  constructor(transport: Transport, server: MortalServer, random: { next(): number }) {
    this.#producer = createProducer<number>(transport, topics.numbers, { deliveryTimeout: '10m', retryBackoffMs: 10 })
    this.#running.push(this.#produce())
    for (const id of transactionalIds)
      this.#running.push(this.#transact(new Harness(transport, id), id, server, random))
  }

  /** Resolves when so many more were acknowledged. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ enough: this.#told + count, resolve }))
  }

  async finish(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#running)
    await this.#producer.close()
  }

  get #told(): number {
    return this.acknowledged.size + this.transactions.size
  }

  #tell(): void {
    for (const { enough, resolve } of this.#waiting) if (this.#told >= enough) resolve()
  }

  async #produce(): Promise<void> {
    while (!this.#isOver) {
      const batch = Array.from({ length: 50 }, () => this.sent++)
      const sending = batch.map((number) =>
        this.#producer.send(number, { partition: number % partitionCount }).then(
          ({ partition, offset }) => {
            this.acknowledged.set(number, { partition, offset })
            this.#tell()
          },
          (error: unknown) => void this.failures.push(error),
        ),
      )
      // Batches overlap, so that there is always something in flight when the server dies.
      await Promise.all(sending.slice(0, 10))
    }
  }

  async #transact(harness: Harness, id: string, server: MortalServer, random: { next(): number }): Promise<void> {
    let producer: TestProducer | undefined
    for (let count = 0; !this.#isOver; count++) {
      const [name, committed] = [`${id}-${count}`, random.next() < 0.7]
      try {
        producer ??= await new TestProducer(harness, id).init()
        for (let partition = 0; partition < partitionCount; partition++)
          await producer.send(topics.ledger, [`${name}/${partition}`], partition)
        await producer.end(committed)
        this.transactions.set(name, committed)
        this.#tell()
      } catch {
        // Nobody knows how it ended; the next with the id begins anew.
        producer = undefined
        await server.up
      }
    }
  }
}

it(`keeps every acknowledged record once and transactions whole over ${kills} kill -9 of the server`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-kill-'))
  const random = seededRandom(11)
  const server = new MortalServer(folder)
  await server.start()
  const transport = http({ url: server.url })
  const harness = new Harness(transport, 'kill')
  const configs = [{ name: 'retention.ms', value: '-1' }]
  await transport.send(createTopics, {
    timeoutMs: 1000,
    validateOnly: false,
    topics: [topics.numbers, topics.ledger].map((topic) => ({
      topic,
      numPartitions: partitionCount,
      replicationFactor: -1,
      configs,
    })),
  })
  const load = new Load(transport, server, random)
  for (let kill = 0; kill < kills; kill++) {
    await load.more(20 + Math.floor(random.next() * 400))
    await server.kill()
  }
  await load.more(100)
  await load.finish()
  expect(load.failures).toEqual([])

  const places = new Map<number, { partition: number; offset: number }>()
  for (let partition = 0; partition < partitionCount; partition++) {
    let last = -1
    for (let offset = 0; ;) {
      const records = await readAll((await harness.fetch(topics.numbers, offset, { partition })).records)
      if (records.length === 0) break
      for (const record of records) {
        const number = Number(record.value)
        expect(record.offset, 'offsets have no gaps').toBe(offset++)
        expect(number, 'the order of a partition is that of the producer, and nothing is there twice').toBeGreaterThan(
          last,
        )
        last = number
        places.set(number, { partition, offset: record.offset })
      }
    }
  }
  expect(places.size).toBe(load.sent)
  for (const [number, place] of load.acknowledged) expect(places.get(number)).toEqual(place)

  for (const id of transactionalIds) await new TestProducer(harness, id).init()
  const found = new Map<string, number>()
  for (let partition = 0; partition < partitionCount; partition++) {
    for (const value of await harness.committed(topics.ledger, 0, partition)) {
      const [name] = value.split('/') as [string]
      found.set(name, (found.get(name) ?? 0) + 1)
    }
  }
  expect([...found.values()].every((count) => count === partitionCount)).toBe(true)
  for (const [name, committed] of load.transactions) expect(found.has(name), name).toBe(committed)
  const unknown = [...found.keys()].filter((name) => !load.transactions.has(name)).length
  console.log(
    `${kills} kills: ${load.acknowledged.size} records acknowledged, all there once; ${load.transactions.size} transactions acknowledged, each whole or gone; ${unknown} more had been committed without an answer`,
  )
  await transport.close()
  expect(await server.end()).toBe(0)
  await rm(folder, { recursive: true })
}, 1_800_000)
