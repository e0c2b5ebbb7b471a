import type { Task, TaskResult } from './job.ts'
import { JobProcess } from './job-process.ts'
import type { Mutant } from './mutant.ts'

/** A test has its own time limit, two minutes, which has to come first: this is for those that are in a loop. */
const limitMs = 240_000

/**
 * How long a gate waits for what does not come with a mutant: many times as long as it takes to come without it, on the
 * same machine a moment ago, so that no test counts which is only slow.
 */
const waitingLimitMs = (longestMs: number): number => Math.max(10_000, 5 * longestMs)

export interface MutantResult {
  readonly mutant: string
  readonly kind: 'caught' | 'survived' | 'timed out' | 'no gate'
  readonly gate: string
  /** The test that caught it, or what is to be said of one that was not caught. */
  readonly detail: string
  /** Whether its gate waited for the usual limit of a test, which is long: see {@link Mutant.isWaitedFor}. */
  readonly waitedInVain: boolean
  readonly seconds: number
}

/** Runs the gates of mutants, first without any of them, which has to pass, and then with each. */
export async function runMutants(
  mutants: readonly Mutant[],
  jobs: number,
  tell: (result: MutantResult) => void,
): Promise<MutantResult[]> {
  const unfit = new Map<string, string>()
  const longestMs = new Map<string, number>()
  const results: MutantResult[] = []
  const baselines = [...Map.groupBy(mutants, ({ gate }) => gate.file)].map(([file, those]) => ({
    file,
    ...testsOfAll(those),
  }))
  const processes = Array.from({ length: Math.min(jobs, mutants.length) }, () => new JobProcess())
  try {
    await inParallel(processes, baselines, async (job, gate) => {
      const result = await job.run({ gate }, limitMs)
      if (result?.failure !== undefined) unfit.set(gate.file, `fails without it: ${result.failure}`)
      else if (!result) unfit.set(gate.file, 'comes to no end without it')
      longestMs.set(gate.file, result?.longestMs ?? 0)
    })
    await inParallel(processes, mutants, async (job, mutant) => {
      const { name, gate, isWaitedFor } = mutant
      const started = performance.now()
      const reason = unfit.get(gate.file)
      const testLimit = isWaitedFor ? { testLimitMs: waitingLimitMs(longestMs.get(gate.file) ?? 0) } : {}
      const task: Task = { gate, mutant: name, ...testLimit }
      const run = reason === undefined ? await job.run(task, limitMs) : undefined
      const [kind, detail] = reason === undefined ? verdictOn(run) : (['no gate', reason] as const)
      const seconds = (performance.now() - started) / 1000
      const waitedInVain = run?.isOutOfTime === true && !isWaitedFor
      const result = { mutant: name, kind, gate: gate.file, detail, waitedInVain, seconds }
      results.push(result)
      tell(result)
    })
  } finally {
    await Promise.all(processes.map((job) => job.close()))
  }
  return results
}

/** What any of the mutants of a gate runs of it. */
function testsOfAll(mutants: readonly Mutant[]): { tests?: string } {
  const patterns = new Set<string>()
  for (const { gate } of mutants) {
    if (gate.tests === undefined) return {}
    patterns.add(gate.tests)
  }
  return { tests: [...patterns].map((pattern) => `(?:${pattern})`).join('|') }
}

function verdictOn(result: TaskResult | undefined): readonly [MutantResult['kind'], string] {
  if (!result) return ['timed out', `no end within ${limitMs / 1000} s`]
  if (!result.isLoaded) return ['survived', 'its file was not loaded by the gate']
  if (result.failure !== undefined) return ['caught', result.failure]
  return ['survived', result.passed === 0 ? 'no test has such a name' : `${result.passed} tests passed`]
}

async function inParallel<T>(
  processes: readonly JobProcess[],
  items: readonly T[],
  carryOut: (job: JobProcess, item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  await Promise.all(
    processes.map(async (job) => {
      for (const item of left) await carryOut(job, item)
    }),
  )
}
