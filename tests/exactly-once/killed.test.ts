import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { http, seededRandom } from '@kafkado/core'
import { createAdmin } from '@kafkado/admin'
import { createConsumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'
import { expect, it } from 'vitest'
import { until } from '../clients/client-places.ts'
import { MortalServer } from '../durability/mortal-server.ts'
import { input, output, transformed } from './copier.ts'

/** More where time does not matter. */
const kills = Number(process.env['KAFKADO_COPY_KILLS'] ?? (process.env['CI'] ? 10 : 2))
const records = Number(process.env['KAFKADO_COPY_RECORDS'] ?? (process.env['CI'] ? 5000 : 500))
const partitions = 4
const ids = ['copier-0', 'copier-1']

const copierProcess = fileURLToPath(new URL('copier-process.ts', import.meta.url))

function startCopier(url: string, id: string): ChildProcess {
  return spawn(process.execPath, ['--conditions=kafkado-source', copierProcess, url, id], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

it(
  `copies ${records} records exactly once while processes die ${kills} times by kill -9`,
  { timeout: 1_800_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-copy-'))
    const random = seededRandom(5)
    const server = new MortalServer(folder, '--session-timeout', '2s', '--heartbeat-interval', '300ms')
    await server.start()
    const transport = http({ url: server.url })
    const admin = createAdmin(transport)
    for (const topic of [input, output]) await admin.createTopic(topic, { partitions })
    const copiers = new Map(ids.map((id) => [id, startCopier(server.url, id)]))

    /** What readers of committed records find. */
    const found: string[] = []
    const waiting: { enough: number; resolve: () => void }[] = []
    const reached = (enough: number): Promise<void> =>
      found.length >= enough ? Promise.resolve() : new Promise((resolve) => waiting.push({ enough, resolve }))
    const reader = createConsumer<string>(transport, output)
    const reading = (async () => {
      for await (const { value } of reader) {
        found.push(value)
        for (const { enough, resolve } of waiting) if (found.length >= enough) resolve()
      }
    })()

    const positionOf = (partition: number): number =>
      reader.health().partitions.find((one) => one.partition === partition)?.position ?? 0

    const producer = createProducer<number>(transport, input, { deliveryTimeout: '10m', retryBackoffMs: 20 })
    const produce = (from: number, to: number): Promise<unknown> =>
      producer.sendBatch(
        Array.from({ length: to - from }, (_, index) => ({
          value: from + index,
          key: `k${index % 50}`,
          partition: (from + index) % partitions,
        })),
      )
    let died = { server: 0, copier: 0 }
    for (let kill = 0; kill < kills; kill++) {
      const [from, to] = [kill, kill + 1].map((part) => Math.floor((part * records) / kills)) as [number, number]
      const sending = produce(from, to)
      // Somewhere in the middle of what is copied now.
      await reached(from + Math.floor(random.next() * (to - from)))
      if (random.next() < 0.4) {
        await server.kill()
        died = { ...died, server: died.server + 1 }
      } else {
        const id = ids[Math.floor(random.next() * ids.length)] as string
        const victim = copiers.get(id) as ChildProcess
        const gone = once(victim, 'exit')
        victim.kill('SIGKILL')
        await gone
        copiers.set(id, startCopier(server.url, id))
        died = { ...died, copier: died.copier + 1 }
      }
      await sending
    }
    await reached(records)
    await producer.close()
    for (const copier of copiers.values()) {
      const gone = once(copier, 'exit')
      copier.kill('SIGTERM')
      await gone
    }
    const { offsets } = await admin.describeGroup('copiers')
    const { offsets: ends } = await admin.describeTopic(input)
    expect(offsets.map(({ partition, committed }) => [partition, committed])).toEqual(
      ends.map(({ partition, latest }) => [partition, latest]),
    )
    // Everything up to the end of the output has been read, so a record that is there twice has been seen twice.
    const { offsets: outputEnds } = await admin.describeTopic(output)
    await until(() => outputEnds.every(({ partition, latest }) => positionOf(partition) >= latest))
    await reader.close()
    await reading
    expect(found.length).toBe(records)
    expect(new Set(found)).toEqual(new Set([...Array(records).keys()].map(transformed)))
    console.log(`${records} records copied once: ${died.server} kills of the server, ${died.copier} of a copier`)
    await transport.close()
    expect(await server.end()).toBe(0)
    await rm(folder, { recursive: true })
  },
)
