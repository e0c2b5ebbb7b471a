import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createAdmin } from '@kafkado/admin'
import { createConsumer } from '@kafkado/consumer'
import { http, seededRandom } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { expect, it } from 'vitest'
import { until } from '../clients/client-places.ts'
import { MortalServer } from '../durability/mortal-server.ts'
import { application, input, output, type Payment } from './sums.ts'

/** More where time does not matter. */
const kills = Number(process.env['KAFKADO_STREAMS_KILLS'] ?? (process.env['CI'] ? 20 : 2))
const records = kills * 500
const partitions = 4
const customers = 40

const memberProcess = fileURLToPath(new URL('sums-process.ts', import.meta.url))

interface Restore {
  readonly restored: number
  readonly ms: number
}

/** A member in a process of its own. */
class Member {
  readonly #process: ChildProcess
  static readonly restores: Restore[] = []

  constructor(url: string, folder: string) {
    this.#process = spawn(process.execPath, ['--conditions=kafkado-source', memberProcess, url, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (this.#process.stdout)
      createInterface({ input: this.#process.stdout }).on('line', (line) =>
        Member.restores.push(JSON.parse(line) as Restore),
      )
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.kill(signal)
    await gone
  }
}

it(
  `sums ${records} payments exactly once while one of two members dies ${kills} times by kill -9`,
  { timeout: 1_800_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-sums-'))
    const random = seededRandom(11)
    const server = new MortalServer(join(folder, 'server'), '--session-timeout', '2s', '--heartbeat-interval', '300ms')
    await server.start()
    const transport = http({ url: server.url })
    const admin = createAdmin(transport)
    for (const topic of [input, output]) await admin.createTopic(topic, { partitions })
    const folders = ['one', 'two'].map((name) => join(folder, name))
    const members = folders.map((own) => new Member(server.url, own))

    /** Every committed update: the last of a key is its sum, and there is one for each payment. */
    const sums = new Map<string, number>()
    let updates = 0
    const waiting: { enough: number; resolve: () => void }[] = []
    const reached = (enough: number): Promise<void> =>
      updates >= enough ? Promise.resolve() : new Promise((resolve) => waiting.push({ enough, resolve }))
    const reader = createConsumer<number>(transport, output)
    const reading = (async () => {
      for await (const { key, value } of reader) {
        sums.set(key ?? '', value)
        updates++
        for (const { enough, resolve } of waiting) if (updates >= enough) resolve()
      }
    })()

    const expected = new Map<string, number>()
    const producer = createProducer<Payment>(transport, input, { deliveryTimeout: '10m', retryBackoffMs: 20 })
    const produce = (from: number, to: number): Promise<unknown> =>
      producer.sendBatch(
        Array.from({ length: to - from }, (_, index) => {
          const customerId = `customer-${Math.floor(random.next() * customers)}`
          const amount = 1 + Math.floor(random.next() * 1000)
          expected.set(customerId, (expected.get(customerId) ?? 0) + amount)
          return { key: `payment-${from + index}`, value: { customerId, amount } }
        }),
      )
    for (let kill = 0; kill < kills; kill++) {
      const [from, to] = [kill, kill + 1].map((part) => Math.floor((part * records) / kills)) as [number, number]
      const sending = produce(from, to)
      // Somewhere in the middle of what is summed now.
      await reached(from + Math.floor(random.next() * (to - from)))
      const victim = Math.floor(random.next() * members.length)
      await members[victim]?.end('SIGKILL')
      members[victim] = new Member(server.url, folders[victim] as string)
      await sending
    }
    await reached(records)
    await producer.close()
    for (const member of members) await member.end('SIGTERM')
    const { totalLag } = await admin.describeGroup(application)
    expect(totalLag).toBe(0)
    // Everything up to the end of the output has been read, so an update that is there twice has been seen twice.
    const { offsets: ends } = await admin.describeTopic(output)
    const positionOf = (partition: number): number =>
      reader.health().partitions.find((one) => one.partition === partition)?.position ?? 0
    await until(() => ends.every(({ partition, latest }) => positionOf(partition) >= latest))
    await reader.close()
    await reading
    expect(updates).toBe(records)
    expect(sums).toEqual(expected)
    const replayed = Member.restores.map(({ restored }) => restored)
    const times = Member.restores.map(({ ms }) => ms).sort((left, right) => left - right)
    console.log(
      `${records} payments summed once, ${kills} kills of a member; a member ran again after ${times[Math.floor(times.length / 2)]} ms (median), and replayed ${Math.max(...replayed)} records of changelogs at most`,
    )
    await transport.close()
    expect(await server.end()).toBe(0)
    await rm(folder, { recursive: true })
  },
)
