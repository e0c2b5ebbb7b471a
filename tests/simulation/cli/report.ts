import type { Violation } from '../checker/anomaly.ts'
import { printViolation } from '../checker/print-violation.ts'
import { printEvent } from '../history/print-event.ts'
import { type Counts, countsOf, noCounts } from '../counts.ts'
import { shrink } from '../shrink.ts'
import { type CheckedRun, simulate } from '../simulate.ts'
import type { Arguments } from './arguments.ts'

/** What is told of one seed. */
export interface SeedReport {
  readonly seed: number
  readonly counts: Counts
  /** For people; undefined when nothing is wrong. */
  readonly text: string | undefined
}

/** The most events of a history that are printed of a failure; `--seed` prints all. */
const mostEvents = 400

export async function reportOf(
  seed: number,
  { scenario, storage, isShrunk }: Pick<Arguments, 'scenario' | 'storage' | 'isShrunk'>,
): Promise<SeedReport> {
  let run: CheckedRun
  try {
    run = await simulate(seed, scenario, storage)
  } catch (error) {
    return failedReport(seed, `the simulation itself failed: ${(error as Error).stack}`)
  }
  if (run.violations.length === 0) return { seed, counts: countsOf(run), text: undefined }
  const shrunk = isShrunk ? await shrink(run) : run
  return { seed, counts: countsOf(run), text: failureText(run, isShrunk ? shrunk : undefined) }
}

/** Of a seed that came to no history. */
export function failedReport(seed: number, what: string): SeedReport {
  return { seed, counts: { ...noCounts(), seeds: 1, violations: 1 }, text: `seed ${seed}: ${what}` }
}

function failureText(run: CheckedRun, shrunk: CheckedRun | undefined): string {
  const { seed, scenario, server } = run.plan
  const lines = [
    `seed ${seed} (${scenario}): ${run.violations.length} violations`,
    ...firstOfKinds(run.violations).map(printViolation).map(cut),
  ]
  if (shrunk) lines.push('', `shrunk:`, ...shrunk.violations.map(printViolation), '', describe(shrunk))
  lines.push(`replay: npm run simulate -- --seed ${seed} --scenario '${scenario}' --storage ${server.storage}`)
  return lines.join('\n')
}

/** Two of each kind are enough to see what is wrong. */
function firstOfKinds(violations: readonly Violation[]): Violation[] {
  const told = new Map<string, number>()
  return violations.filter(({ kind }) => {
    told.set(kind, (told.get(kind) ?? 0) + 1)
    return (told.get(kind) ?? 0) <= 2
  })
}

/** A log in one line is longer than anybody reads. */
function cut(text: string): string {
  return text.replace(/^.{400}.*$/gm, (line) => `${line.slice(0, 400)} …`)
}

/** A run in full: its plan, and every event. */
export function describe({ plan, history, hash }: CheckedRun, most = mostEvents): string {
  const { events } = history
  const shown = events.slice(0, most).map(printEvent)
  const rest = events.length > most ? [`… and ${events.length - most} more events`] : []
  return [`plan: ${JSON.stringify(plan)}`, ...shown, ...rest, `hash: ${hash}`].join('\n')
}
