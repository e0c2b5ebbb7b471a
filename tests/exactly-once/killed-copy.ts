import { fileURLToPath } from 'node:url'
import { type Admin, createAdmin } from '@kafkado/admin'
import { http, type Random, seededRandom, type Transport } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { MortalServer } from '../durability/mortal-server.ts'
import { KillableProcess } from '../reliability/killable-process.ts'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { within } from '../reliability/within.ts'
import { CopiedOutput } from './copied-output.ts'
import { input, output, transformed } from './copier.ts'

interface CopySize extends Sized {
  readonly recordsPerSeed: number
  readonly killsPerSeed: number
}

const partitions = 4
const copierFile = fileURLToPath(new URL('copier-process.ts', import.meta.url))
/** Sessions end after 2 s and transactions after 5 s, so what takes longer than this stands still. */
const standStillMs = 180_000

/**
 * Two processes copy what a producer writes, in transactions, while they and the server die by kill -9: each record is
 * there once in the end.
 */
export const killedCopy: Part<CopySize> = {
  sizes: {
    full: { seeds: { first: 5, last: 8 }, recordsPerSeed: 25_000, killsPerSeed: 50 },
    ci: { seeds: { first: 5, last: 5 }, recordsPerSeed: 5000, killsPerSeed: 10 },
    quick: { seeds: { first: 5, last: 5 }, recordsPerSeed: 500, killsPerSeed: 2 },
  },
  async run({ seeds, recordsPerSeed, killsPerSeed }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeedInFolder(async (seed, folder) => {
      await using copy = await KilledCopy.start(folder, seed)
      const wrong = await copy.run(recordsPerSeed, killsPerSeed)
      report.violations.push(...wrong.map((what) => `seed ${seed}: ${what}`))
      report.add({ records: recordsPerSeed, ...copy.counts })
    })
    return report.build()
  },
}

class KilledCopy implements AsyncDisposable {
  readonly #server: MortalServer
  readonly #transport: Transport
  readonly #admin: Admin
  readonly #random: Random
  readonly #copied: CopiedOutput
  readonly #copiers = new Map<string, KillableProcess>()
  readonly #died = { server: 0, copier: 0 }

  static async start(folder: string, seed: number): Promise<KilledCopy> {
    const server = new MortalServer(folder, '--session-timeout', '2s', '--heartbeat-interval', '300ms')
    await server.start()
    const transport = http({ url: server.url })
    const admin = createAdmin(transport)
    for (const topic of [input, output]) await admin.createTopic(topic, { partitions })
    const copy = new KilledCopy(server, transport, admin, seed)
    for (const id of ['copier-0', 'copier-1']) copy.#startCopier(id)
    return copy
  }

  private constructor(server: MortalServer, transport: Transport, admin: Admin, seed: number) {
    this.#server = server
    this.#transport = transport
    this.#admin = admin
    this.#random = seededRandom(seed)
    this.#copied = new CopiedOutput(transport)
  }

  get counts(): Record<string, number> {
    const { server, copier } = this.#died
    return { kills: server + copier, 'kills of the server': server, 'kills of a copier': copier }
  }

  /** Returns everything that is wrong in the end. */
  async run(records: number, kills: number): Promise<string[]> {
    const config = { deliveryTimeout: '10m', retryBackoffMs: 20 } as const
    const producer = createProducer<number>(this.#transport, input, config)
    const produce = (from: number, to: number): Promise<unknown> =>
      producer.sendBatch(
        Array.from({ length: to - from }, (_, index) => ({
          value: from + index,
          key: `k${index % 50}`,
          partition: (from + index) % partitions,
        })),
      )
    for (let kill = 0; kill < kills; kill++) {
      const [from, to] = [kill, kill + 1].map((part) => Math.floor((part * records) / kills)) as [number, number]
      const sending = produce(from, to)
      // Somewhere in the middle of what is copied now.
      const middle = from + Math.floor(this.#random.next() * (to - from))
      await within(this.#copied.reached(middle), standStillMs, `the copy of ${middle} records`)
      await this.#killSomebody()
      await within(sending, standStillMs, `the sending of ${to} records`)
    }
    await within(this.#copied.reached(records), standStillMs, `the copy of ${records} records`)
    await producer.close()
    return this.#check(records)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const copier of this.#copiers.values()) await copier[Symbol.asyncDispose]()
    await this.#copied.close()
    await this.#transport.close()
    await this.#server[Symbol.asyncDispose]()
  }

  #startCopier(id: string): void {
    this.#copiers.set(id, new KillableProcess(copierFile, this.#server.url, id))
  }

  async #killSomebody(): Promise<void> {
    if (this.#random.next() < 0.4) {
      await this.#server.kill()
      this.#died.server++
      return
    }
    const ids = [...this.#copiers.keys()]
    const id = ids[Math.floor(this.#random.next() * ids.length)] as string
    await this.#copiers.get(id)?.end('SIGKILL')
    this.#startCopier(id)
    this.#died.copier++
  }

  async #check(records: number): Promise<string[]> {
    const wrong: string[] = []
    for (const [id, copier] of this.#copiers) {
      const code = await within(copier.end('SIGTERM'), standStillMs, `the end of ${id}`)
      // One that was started just before, and is asked before it listens, is ended by the signal.
      if (code !== 0 && code !== null) wrong.push(`${id} ended with ${code}`)
    }
    const { offsets } = await this.#admin.describeGroup('copiers')
    const { offsets: ends } = await this.#admin.describeTopic(input)
    for (const { partition, latest } of ends) {
      const committed = offsets.find((one) => one.partition === partition)?.committed
      if (committed !== latest)
        wrong.push(`${committed} is committed of partition ${partition}, which ends at ${latest}`)
    }
    const { offsets: outputEnds } = await this.#admin.describeTopic(output)
    await within(this.#copied.readTo(outputEnds), standStillMs, 'the reading of the output')
    const times = new Map<string, number>()
    for (const value of this.#copied.found) times.set(value, (times.get(value) ?? 0) + 1)
    for (let value = 0; value < records; value++) {
      const count = times.get(transformed(value)) ?? 0
      if (count !== 1) wrong.push(`record ${value} is there ${count} times`)
    }
    if (times.size > records) wrong.push(`${times.size - records} records are there that nobody has made`)
    return wrong
  }
}
