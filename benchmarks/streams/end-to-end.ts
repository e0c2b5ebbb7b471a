import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, memory } from '@kafkado/broker'
import { http, type Transport } from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { KafkaClient } from 'kafkado'
import { nexmarkEvents } from './nexmark-events.ts'
import { queries } from './nexmark-queries.ts'

const events = Number(process.env['KAFKADO_BENCH_END_TO_END_EVENTS'] ?? 500_000)

interface Place {
  readonly transport: Transport
  close(): Promise<void>
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  memory: () => {
    const transport = memory()
    return Promise.resolve({ transport, close: () => transport.close() })
  },
  'HTTP to disk': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
    const engine = embedded(folder)
    const server = await serve({ transport: engine, port: 0 })
    const transport = http({ url: server.url })
    const close = async (): Promise<void> => {
      await transport.close()
      await server.close()
      await engine.close()
      await rm(folder, { recursive: true })
    }
    return { transport, close }
  },
}

/** From the topics to the results, engine, client and server in one process. */
export async function benchmarkEndToEnd(): Promise<void> {
  const { persons, auctions, bids } = nexmarkEvents(events)
  console.log(`\nstreams, end to end: ${events} events, engine and client in one process, one round`)
  for (const [place, open] of Object.entries(places)) {
    for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
      for (const [name, query] of Object.entries(queries)) {
        const opened = await open()
        const kafka = new KafkaClient(opened.transport)
        for (const [topic, list] of Object.entries({ persons, auctions, bids })) {
          const producer = kafka.producer<unknown>(topic)
          await producer.sendBatch(list)
          await producer.close()
        }
        const s = kafka.streams({ application: 'bench', guarantee, commitInterval: 100 })
        query(s, () => undefined)
        const [startedMs, before] = [performance.now(), process.cpuUsage()]
        const app = await s.start()
        const sources = ['persons', 'auctions', 'bids'].filter((topic) =>
          s.describe().text.includes(`topic ${topic}\n`),
        )
        const count = sources.reduce((sum, topic) => sum + { persons, auctions, bids }[topic as 'bids'].length, 0)
        await processed(kafka, app, sources)
        const { user, system } = process.cpuUsage(before)
        const seconds = (performance.now() - startedMs) / 1000
        const perSecond = Math.round(count / seconds).toLocaleString('en')
        const cpu = ((user + system) / count).toFixed(1)
        console.log(
          `  ${place.padEnd(13)} ${guarantee.padEnd(14)} ${name.padEnd(24)} ${perSecond.padStart(9)} records/s, ` +
            `${cpu.padStart(5)} CPU s per million`,
        )
        await kafka.close()
        await opened.close()
      }
    }
  }
}

/** Resolves when all that the sources hold is committed, and what follows from it too. */
async function processed(
  kafka: KafkaClient,
  app: { readonly application: string },
  sources: readonly string[],
): Promise<void> {
  for (;;) {
    const { offsets } = await kafka.admin.describeGroup(app.application)
    const isRead = sources.every((topic) => offsets.some((one) => one.topic === topic && (one.committed ?? 0) > 0))
    if (isRead && offsets.every(({ committed, latest, lag }) => lag === 0 || (committed === null && latest === 0)))
      return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
