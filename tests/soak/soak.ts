import { systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { within } from '../reliability/within.ts'
import { SoakedServer } from './soaked-server.ts'
import { SteadyWork } from './steady-work.ts'
import { rising, risesPerMinute, type Sample } from './trend.ts'

interface SoakSize extends Sized {
  readonly seconds: number
  readonly sampleEveryMs: number
  /** What rises in the beginning is what fills: caches, compiled code, what is kept for a while. */
  readonly warmUpSeconds: number
}

/** By how much each may rise in a minute. */
const limits = {
  'heap in MB': 1,
  'memory outside the heap in MB': 1,
  descriptors: 1,
  'files of the engine': 1,
  handles: 1,
  'requests that wait': 1,
}

/** What is held for those who work has to go with them. */
const goes = ['descriptors', 'handles', 'requests that wait']
/** Closing a connection takes two sides and a moment. */
const goesWithinMs = 20_000

/** A server and its clients for a while at a steady pace: what they hold does not add up. */
export const soak: Part<SoakSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 1 }, seconds: 900, sampleEveryMs: 3000, warmUpSeconds: 240 },
    // Too short to tell what rises: whether all of the work goes on is what these show.
    ci: { seeds: { first: 1, last: 1 }, seconds: 8, sampleEveryMs: 1000, warmUpSeconds: 8 },
    quick: { seeds: { first: 1, last: 1 }, seconds: 8, sampleEveryMs: 1000, warmUpSeconds: 8 },
  },
  async run({ seeds, seconds, sampleEveryMs, warmUpSeconds }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeed(async () => {
      await using server = await SoakedServer.start()
      const before = await server.count()
      const work = new SteadyWork(server.url, server.folder)
      const startMs = systemClock.monotonic()
      const samples: Sample[] = []
      for (let atMs = 0; atMs < seconds * 1000; atMs = systemClock.monotonic() - startMs) {
        await sleep(systemClock, sampleEveryMs)
        samples.push({ atMs: systemClock.monotonic() - startMs, counted: await server.count() })
      }
      await within(work.stop(), 60_000, 'the work')
      report.violations.push(...(await leftOver(server, before)))
      const steady = samples.filter(({ atMs }) => atMs >= warmUpSeconds * 1000)
      report.violations.push(...rising(steady, limits), ...work.failures.slice(0, 20))
      report.add({ seconds, samples: samples.length, failures: work.failures.length, ...work.counts })
      const [first, last] = [steady[0]?.counted ?? {}, steady.at(-1)?.counted ?? {}]
      for (const [name, rise] of Object.entries(risesPerMinute(steady)))
        report.details[name] =
          `${(first[name] ?? 0).toFixed(1)} → ${(last[name] ?? 0).toFixed(1)}, ${rise.toFixed(3)} a minute`
    })
    return report.build()
  },
}

/** What is still held when everybody has gone, beyond what the server held before they came. */
async function leftOver(server: SoakedServer, before: Readonly<Record<string, number>>): Promise<string[]> {
  const endMs = systemClock.monotonic() + goesWithinMs
  for (;;) {
    const now = await server.count()
    const left = goes.filter((name) => (now[name] ?? 0) > (before[name] ?? 0))
    if (left.length === 0 || systemClock.monotonic() > endMs)
      return left.map((name) => `${now[name]} ${name} when everybody has gone, ${before[name]} before they came`)
    await sleep(systemClock, 100)
  }
}
