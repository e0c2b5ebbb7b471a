import { seededRandom } from '@kafkado/core'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { readTrace } from './disk-trace.ts'
import { cutPower } from './power-cuts.ts'
import { Recorder, type StorageKind } from './recorder.ts'

interface CrashPointsSize extends Sized {
  readonly cutsPerRun: number
}

type Fault = 'none' | 'sync' | 'write'
const runs: readonly (readonly [StorageKind, Fault])[] = [
  ['lmdb', 'none'],
  ['lmdb', 'sync'],
  ['lmdb', 'write'],
  ['sqlite', 'none'],
  ['sqlite', 'sync'],
  ['sqlite', 'write'],
]

/**
 * The power fails between any two writes of a recorded process; of what was not yet synced, whatever chance keeps is there, in no order, torn
 * at sectors. Each seed records six runs: both storages, each without a fault, with a sync that fails, with a write that fails.
 */
export const crashPoints: Part<CrashPointsSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 28 }, cutsPerRun: 600 },
    ci: { seeds: { first: 1, last: 1 }, cutsPerRun: 334 },
    quick: { seeds: { first: 1, last: 1 }, cutsPerRun: 60 },
  },
  async run({ seeds, cutsPerRun }) {
    const report = new ReportBuilder(seeds)
    await using recorder = await Recorder.open()
    await report.eachSeed(async (seed) => {
      for (const [storage, fault] of runs) await cutRun(recorder, seed, storage, fault, cutsPerRun, report)
    })
    return report.build()
  },
}

async function cutRun(
  recorder: Recorder,
  seed: number,
  storage: StorageKind,
  fault: Fault,
  cuts: number,
  report: ReportBuilder,
): Promise<void> {
  const random = seededRandom(seed)
  const rounds = 10 + Math.floor(random.next() * 40)
  const { trace, said, signal } = await recorder.record(storage, rounds, seed, faultsOf(fault, random.next(), storage))
  const name = `seed ${seed}, ${storage}, fault: ${fault}`
  const wrong = (what: string): void => void report.violations.push(`${name}: ${what}`)
  const hasFailed = readTrace(trace).some(({ op }) => op === 'E')
  if (hasFailed) report.add({ [`runs with a failed ${fault}`]: 1 })
  else if (said !== '' || signal !== '') wrong(`the run ended with ${signal} ${said}`)
  // LMDB's binding can end the process then (not-supported.md).
  if (hasFailed && signal === '' && !/StorageError|Commit failed/.test(said))
    wrong(`nobody was told that a ${fault} had failed: ${said}`)
  const { violations, counts } = await cutPower({ trace, seed, cuts, isLying: false })
  violations.forEach(wrong)
  report.add({ runs: 1, ...counts })
}

function faultsOf(fault: Fault, chance: number, storage: StorageKind): Record<string, string> {
  // SQLite collects more in a sync, and writes less at a time.
  const place = (lowest: number, most: number): string => `${lowest + Math.floor(chance * most)}`
  if (fault === 'sync') return { KAFKADO_FAIL_SYNC: place(3, storage === 'lmdb' ? 150 : 60) }
  if (fault === 'write') return { KAFKADO_FAIL_WRITE: place(10, 600) }
  return {}
}
