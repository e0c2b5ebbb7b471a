import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConsumer, createKafkaClient, http, type KafkaClient, type Transport } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ServedKafkado, serveKafkado } from '../../cli/run-kafkado.ts'
import { deferred } from '../client-places.ts'
import { until } from '../../passing-time.ts'

/** More where time does not matter. */
const blockMs = 1000 * Number(process.env['KAFKADO_BLOCK_SECONDS'] ?? (process.env['CI'] ? 5 : 2))
const module = new URL('./block.ts', import.meta.url)

describe(
  `a handler that blocks for ${blockMs} ms, in a group whose session is shorter`,
  { timeout: 30_000 + 4 * blockMs },
  () => {
    let folder: string
    let server: ServedKafkado
    let kafka: KafkaClient
    let transport: Transport

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'kafkado-blocking-'))
      // In a process of its own, which goes on while this one is blocked.
      server = await serveKafkado(folder, '0', '--session-timeout', `${blockMs / 3}ms`, '--heartbeat-interval', '100ms')
      transport = http({ url: server.url })
      kafka = createKafkaClient(transport)
    })
    afterEach(async () => {
      await kafka.close()
      await server.end()
      await rm(folder, { recursive: true })
    })

    const committed = async (): Promise<number> => (await kafka.admin.describeGroup('g')).offsets[0]?.committed ?? 0

    it('in a worker: keeps its partitions', async () => {
      await kafka.producer<number>('jobs').sendBatch([1, blockMs, 1])
      const consumer = createConsumer<number>(transport, 'jobs', { group: 'g', autoCommitInterval: 50 })
      const done = deferred()
      consumer.on('committed', ({ offsets }) => {
        if (offsets[0]?.offset === 3) done.resolve()
      })
      const told: string[] = []
      consumer.on('lost', () => told.push('lost'))
      consumer.on('assigned', () => told.push('assigned'))
      consumer.on('stalled', ({ reason }) => told.push(reason))
      const reading = consumer.parallel({ workers: 1, module, ordering: 'partition' })
      await done.promise
      await consumer.close()
      await reading
      expect(told).toEqual(['assigned'])
    })

    it('in the main thread: is fenced cleanly, joins again, and loses and skips nothing', async () => {
      await kafka.producer<number>('jobs').sendBatch([0, 1, 2, 3])
      const consumer = createConsumer<number>(transport, 'jobs', {
        group: 'g',
        autoCommitInterval: 20,
        stallTimeout: blockMs / 2,
      })
      const told: string[] = []
      for (const event of ['lost', 'assigned'] as const) consumer.on(event, () => told.push(event))
      consumer.on('stalled', ({ reason }) => told.push(reason))
      const handled: number[] = []
      for await (const { value } of consumer) {
        handled.push(value)
        if (value === 1 && !told.includes('lost')) {
          // Nothing else runs in this process meanwhile, heartbeats included.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
          await until(() => told.includes('lost'))
        }
        if (value === 3) break
      }
      expect(told.filter((event) => event !== 'event-loop')).toEqual(['assigned', 'lost', 'assigned'])
      // What was committed before the block is not read again; what was in hand is.
      expect(handled.slice(0, 2)).toEqual([0, 1])
      const again = handled.slice(2)
      expect(again.at(-1)).toBe(3)
      expect(again).toEqual([0, 1, 2, 3].slice(4 - again.length))
      expect(again.length).toBeGreaterThanOrEqual(3)
      expect(await committed()).toBe(3)
    })
  },
)
