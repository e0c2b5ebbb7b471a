import { JournalStorage, SqliteStorage } from '@kafkado/broker/disk'
import { type Storage, withStorage } from '@kafkado/broker/storage'
import { http, seededRandom } from '@kafkado/core'
import { runKafkado } from '../cli/run-kafkado.ts'
import { MixedLoad } from '../reliability/load/mixed-load.ts'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { within } from '../reliability/within.ts'
import { MortalServer } from './mortal-server.ts'

interface KillSize extends Sized {
  readonly killsPerSeed: number
}

const storages: readonly (readonly [name: string, make: (folder: string) => Storage])[] = [
  ['journal', (folder) => new JournalStorage(folder)],
  ['journal', (folder) => new JournalStorage(folder)],
  ['sqlite', (folder) => new SqliteStorage(folder)],
]

/** So many answers have to come between two kills, and that takes milliseconds. */
const standStillMs = 180_000

/**
 * A server in a process of its own, under load, which dies by kill -9 again and again: also while it starts. Then
 * everything that was acknowledged is there once. Seeds keep their records in the storages by turns.
 */
export const killRun: Part<KillSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 60 }, killsPerSeed: 25 },
    ci: { seeds: { first: 1, last: 3 }, killsPerSeed: 17 },
    quick: { seeds: { first: 1, last: 3 }, killsPerSeed: 2 },
  },
  async run({ seeds, killsPerSeed }) {
    const report = new ReportBuilder(seeds)
    // Those that are killed never write down what Node has made of the sources, and it is what makes them start
    // quickly.
    await runKafkado(['serve', '--help'])
    await report.eachSeedInFolder((seed, folder) => killAgainAndAgain(folder, seed, killsPerSeed, report))
    return report.build()
  },
}

async function killAgainAndAgain(folder: string, seed: number, kills: number, report: ReportBuilder): Promise<void> {
  const random = seededRandom(seed)
  const [storage, make] = storages[seed % storages.length] as (typeof storages)[number]
  // A server goes on with what a folder was made with.
  const maker = withStorage(make(folder))
  await maker.open()
  await maker.close()
  await using server = new MortalServer(folder, '--heartbeat-interval', '500ms')
  await server.start()
  const transport = http({ url: server.url })
  try {
    const load = await MixedLoad.start(transport, random)
    let [killed, whileStarting] = [0, 0]
    while (killed < kills) {
      await within(load.someMore(), standStillMs, `the load before kill ${killed + 1}`)
      if (kills - killed >= 2 && random.next() < 0.15) {
        await server.killTwice(random.next() * 600)
        killed += 2
        whileStarting++
      } else {
        await server.kill()
        killed++
      }
    }
    await within(load.someMore(), standStillMs, 'the load after the last kill')
    const violations = await within(load.finish(), 2 * standStillMs, 'the load')
    report.violations.push(...violations.map((what) => `seed ${seed} (${storage}): ${what}`))
    report.add({ kills: killed, 'of them while it started': whileStarting, ...load.counts })
    const code = await server.end()
    if (code !== 0) report.violations.push(`seed ${seed} (${storage}): the server ended with ${code}`)
  } finally {
    await transport.close()
  }
}
