import { seededRandom } from '@kafkado/core'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { readTrace } from './disk-trace.ts'
import { cutPower } from './power-cuts.ts'
import { JournalCuts, journalFaults } from './journal/journal-cuts.ts'
import { Recorder, type StorageKind } from './recorder.ts'

interface CrashPointsSize extends Sized {
  readonly cutsPerSeed: number
  /** Journals that are cut in this process, without an engine, which is far quicker. */
  readonly journalsPerSeed: number
}

type Fault = 'none' | 'sync' | 'write'
/** What a seed records, and its part of the cuts: what fails ends a run early, and leaves fewer places. */
const runs: readonly (readonly [StorageKind, Fault, part: number])[] = [
  ['journal', 'none', 0.45],
  ['journal', 'sync', 0.15],
  ['journal', 'write', 0.15],
  ['sqlite', 'none', 0.15],
  ['sqlite', 'sync', 0.05],
  ['sqlite', 'write', 0.05],
]

/**
 * The power fails between any two writes of a recorded process; of what was not yet synced, whatever chance keeps is
 * there, in no order, torn at sectors. Each seed records six runs: both storages, each without a fault, with a sync
 * that fails, with a write that fails.
 */
export const crashPoints: Part<CrashPointsSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 30 }, cutsPerSeed: 4000, journalsPerSeed: 300 },
    ci: { seeds: { first: 1, last: 1 }, cutsPerSeed: 2250, journalsPerSeed: 40 },
    quick: { seeds: { first: 1, last: 1 }, cutsPerSeed: 400, journalsPerSeed: 5 },
  },
  async run({ seeds, cutsPerSeed, journalsPerSeed }) {
    const report = new ReportBuilder(seeds)
    await using recorder = await Recorder.open()
    await report.eachSeed(async (seed) => {
      for (const [storage, fault, part] of runs)
        await cutRun(recorder, seed, storage, fault, Math.round(cutsPerSeed * part), report)
      for (let run = 0; run < journalsPerSeed; run++) await cutJournal(seed * 1_000_003 + run, report)
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
  const rounds = 25 + Math.floor(random.next() * 40)
  const { trace, said, signal } = await recorder.record(storage, rounds, seed, faultsOf(fault, random.next()))
  const name = `seed ${seed}, ${storage}, fault: ${fault}`
  const wrong = (what: string): void => void report.violations.push(`${name}: ${what}`)
  const hasFailed = readTrace(trace).some(({ op }) => op === 'E')
  if (hasFailed) report.add({ [`runs with a failed ${fault}`]: 1 })
  else if (said !== '' || signal !== '') wrong(`the run ended with ${signal} ${said}`)
  if (hasFailed && !/StorageError|Commit failed/.test(said))
    wrong(`nobody was told that a ${fault} had failed: ${said}`)
  const { violations, counts } = await cutPower({ trace, seed, cuts, isLying: false })
  violations.forEach(wrong)
  report.add({ runs: 1, ...counts })
}

function faultsOf(fault: Fault, chance: number): Record<string, string> {
  const place = (lowest: number, most: number): string => `${lowest + Math.floor(chance * most)}`
  if (fault === 'sync') return { KAFKADO_FAIL_SYNC: place(30, 100) }
  if (fault === 'write') return { KAFKADO_FAIL_WRITE: place(100, 600) }
  return {}
}

/** A journal on a simulated disk, with one fault after the other. */
async function cutJournal(seed: number, report: ReportBuilder): Promise<void> {
  const cuts = new JournalCuts(seed)
  const fault = journalFaults[seed % journalFaults.length] as (typeof journalFaults)[number]
  await cuts.run(fault, 60)
  report.violations.push(...cuts.violations.map((what) => `a journal alone, fault: ${fault}: ${what}`))
  report.add({ 'cuts of a journal alone': cuts.counts.cuts, 'kills of a journal alone': cuts.counts.kills })
}
