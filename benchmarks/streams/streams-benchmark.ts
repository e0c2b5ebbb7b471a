import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@kafkado/core'
import { createStreamsBuilder, type StateStorage } from '@kafkado/streams'
import { platform } from '@kafkado/streams/internal'
import { median, rounds } from '../median.ts'
import { benchmarkEndToEnd } from './end-to-end.ts'
import { EngineRun, recordsOf } from './engine-run.ts'
import { nexmarkEvents } from './nexmark-events.ts'
import { queries } from './nexmark-queries.ts'

const events = Number(process.env['KAFKADO_BENCH_EVENTS'] ?? 500_000)

/** What Kafka Streams (Java) was measured to do on a machine like this, in memory, records a second and core. */
const kafkaStreams: Readonly<Record<string, readonly [least: number, most: number]>> = {
  'stateless: filter, map': [560_000, 590_000],
  'keyed count': [290_000, 370_000],
  'tumbling count': [130_000, 280_000],
}

/** Records a second of processor time: the engine alone, and from topic to result. */
export async function benchmarkStreams(): Promise<void> {
  const records = recordsOf(nexmarkEvents(events))
  const topics = [...new Set(Object.keys(records))]
  console.log(
    `\nstreams, engine only: Nexmark, ${events} events, records a second of processor time (medians of ${rounds} ` +
      `rounds)`,
  )
  console.log(`  ${''.padEnd(24)} ${'memory'.padStart(10)} ${'folder'.padStart(10)}   of Kafka Streams in memory`)
  for (const [name, query] of Object.entries(queries)) {
    const used = topics.filter((topic) => {
      const { sources } = query(createStreamsBuilder(undefined as never), () => undefined)
        .topology()
        .subtopologies.reduce((all, one) => ({ sources: [...all.sources, ...one.sources] }), {
          sources: [] as readonly { kind: string; topic?: { name: string } }[],
        })
      return sources.some((source) => source.kind === 'source' && source.topic?.name === topic)
    })
    const inputs = used.map((topic) => records[topic] ?? [])
    const count = inputs.reduce((sum, { length }) => sum + length, 0)
    const speeds = { memory: [] as number[], folder: [] as number[] }
    let results = 0
    for (let round = 0; round < rounds; round++) {
      for (const kind of ['memory', 'folder'] as const) {
        results = 0
        const folder = kind === 'folder' ? await mkdtemp(join(tmpdir(), 'kafkado-bench-')) : undefined
        const storages = folder === undefined ? undefined : await openStorages(folder)
        const run = new EngineRun((s) => query(s, () => results++), storages)
        const before = process.cpuUsage()
        await run.run(inputs)
        const { user, system } = process.cpuUsage(before)
        speeds[kind].push((count * 1e6) / (user + system))
        for (const storage of storages?.values() ?? []) await storage.close()
        if (folder !== undefined) await rm(folder, { recursive: true })
      }
    }
    const [memory, inFolder] = [median(speeds.memory), median(speeds.folder)]
    const [least, most] = kafkaStreams[name] ?? []
    const ratio = least && most ? `${(memory / most).toFixed(1)}–${(memory / least).toFixed(1)}×` : ''
    console.log(`  ${name.padEnd(24)} ${shown(memory)} ${shown(inFolder)}   ${ratio.padEnd(10)} ${results} results`)
  }
  await benchmarkEndToEnd()
}

async function openStorages(folder: string): Promise<Map<string, StateStorage>> {
  const open = platform.stateStorageIn(folder, seededRandom(1))
  return new Map(await Promise.all(['0', '1', '2', '3'].map(async (id) => [id, await open(id)] as const)))
}

export function shown(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en').padStart(10)
}
