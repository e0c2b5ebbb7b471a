import { fileURLToPath } from 'node:url'
import { systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { KillableProcess } from '../../reliability/killable-process.ts'
import { type Part, ReportBuilder, type Sized } from '../../reliability/report.ts'
import { rising, risesPerMinute, type Sample } from '../../soak/trend.ts'
import { HostileServer } from './hostile-server.ts'

interface HostileSize extends Sized {
  readonly seconds: number
  readonly sampleEveryMs: number
  /** What rises in the beginning is what fills: caches, compiled code, the topics and groups that a key may make. */
  readonly warmUpSeconds: number
}

/** By how much each may rise in a minute. */
const limits = { 'heap in MB': 1, 'memory outside the heap in MB': 2, descriptors: 3, 'files of the engine': 1 }
/** Nobody waits longer for an answer, whatever the attacker does. */
const servedWithinMs = 5000
const goesWithinMs = 20_000

interface Told {
  readonly requests: number
  readonly failures: readonly string[]
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
}

const fileOf = (name: string): string => fileURLToPath(new URL(`${name}-process.ts`, import.meta.url))

/** A server with keys, attacked by one of them while another works: each in a process of its own. */
export const hostileLoad: Part<HostileSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 1 }, seconds: 600, sampleEveryMs: 3000, warmUpSeconds: 150 },
    // Too short to tell what rises: what these show is that everybody is served, and that everything goes in the end.
    ci: { seeds: { first: 1, last: 1 }, seconds: 10, sampleEveryMs: 1000, warmUpSeconds: 10 },
    quick: { seeds: { first: 1, last: 1 }, seconds: 5, sampleEveryMs: 1000, warmUpSeconds: 5 },
  },
  async run({ seeds, seconds, sampleEveryMs, warmUpSeconds }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeed(async (seed) => {
      await using server = await HostileServer.start()
      const before = await server.count()
      const { attacker, neighbour, samples } = await load(server, seed, seconds, sampleEveryMs)
      report.violations.push(...(await leftOver(server, before)), ...server.faults.slice(0, 20))
      report.violations.push(...neighbour.failures.slice(0, 20).map((failure) => `the neighbour: ${failure}`))
      if (neighbour.requests === 0) report.violations.push('the neighbour was not served at all')
      if (neighbour.longestMs > servedWithinMs)
        report.violations.push(`the neighbour waited for ${neighbour.longestMs} ms, of at most ${servedWithinMs}`)
      const steady = samples.filter(({ atMs }) => atMs >= warmUpSeconds * 1000)
      report.violations.push(...rising(steady, limits))
      report.add({ seconds, samples: samples.length, 'requests of the neighbour': neighbour.requests, ...attacker })
      const { p50Ms, p99Ms, longestMs } = neighbour
      report.details['the neighbour was served in'] = `${p50Ms} ms (half), ${p99Ms} ms (99 %), ${longestMs} ms (all)`
      const [first, last] = [steady[0]?.counted ?? {}, steady.at(-1)?.counted ?? {}]
      for (const [name, rise] of Object.entries(risesPerMinute(steady)))
        report.details[name] =
          `${(first[name] ?? 0).toFixed(1)} → ${(last[name] ?? 0).toFixed(1)}, ${rise.toFixed(3)} a minute`
    })
    return report.build()
  },
}

async function load(server: HostileServer, seed: number, seconds: number, sampleEveryMs: number) {
  await using attacking = new KillableProcess(fileOf('attacker'), `${server.port}`, server.attacker, `${seed}`)
  await using working = new KillableProcess(fileOf('neighbour'), server.url, server.neighbour)
  // Both are at work when they say something for the first time.
  let [attacker, neighbour] = [await attacking.message(), await working.message()] as [Record<string, number>, Told]
  const startMs = systemClock.monotonic()
  const samples: Sample[] = []
  for (let atMs = 0; atMs < seconds * 1000; atMs = systemClock.monotonic() - startMs) {
    await sleep(systemClock, sampleEveryMs)
    samples.push({ atMs: systemClock.monotonic() - startMs, counted: await server.count() })
    attacker = (await attacking.message()) as Record<string, number>
    neighbour = (await working.message()) as Told
  }
  return { attacker, neighbour, samples }
}

/** Which sockets are left when everybody has gone. The engine opens and closes files of its own. */
async function leftOver(server: HostileServer, before: Readonly<Record<string, number>>): Promise<string[]> {
  const endMs = systemClock.monotonic() + goesWithinMs
  for (;;) {
    const { sockets = 0 } = await server.count()
    const most = before['sockets'] ?? 0
    if (sockets <= most) return []
    if (systemClock.monotonic() > endMs) return [`${sockets} sockets when everybody has gone, ${most} before they came`]
    await sleep(systemClock, 100)
  }
}
