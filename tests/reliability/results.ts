import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSeeds, type Report, type SeedRange, seedsText } from './report.ts'
import type { Size } from './rows/row.ts'

/** The name of the detail that says which violations were mended. */
export const mendedDetail = 'mended and run again'

/** What came of running a row at a size. */
export interface RowResult extends Report {
  readonly seconds: number
  /** The commit that it ran on; with `+` when files were changed. */
  readonly commit: string
  /** The day on which it ended. */
  readonly date: string
}

/** By row and size; what was never run is not there. */
export type Results = Readonly<Record<string, { readonly [size in Size]?: RowResult }>>

const resultsFile = fileURLToPath(new URL('../../docs/reliability.json', import.meta.url))

export function readResults(): Results {
  return existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results) : {}
}

/** Keeps what came of a row in the place of what was there. */
export function keepResult(row: string, size: Size, result: RowResult): Results {
  const results = readResults()
  const kept = { ...results, [row]: { ...results[row], [size]: result } }
  const sorted = Object.fromEntries(Object.entries(kept).sort(([left], [right]) => (left < right ? -1 : 1)))
  writeFileSync(resultsFile, `${JSON.stringify(sorted, undefined, 2)}\n`)
  return sorted
}

function sumOf(name: string, known: number | undefined, count: number): number {
  if (known === undefined) return count
  // Both runs have mostly had the same kinds.
  if (name.startsWith('kinds of ')) return Math.max(known, count)
  return name.startsWith('runs of each ') ? Math.min(known, count) : known + count
}

/** Which of the seeds are in what is kept already: added to it they would count twice. Undefined: none. */
export function seedsTwice({ seeds }: RowResult, { first, last }: SeedRange): string | undefined {
  for (const text of seeds.split(', ').filter(Boolean)) {
    const kept = parseSeeds(text)
    const both = { first: Math.max(kept.first, first), last: Math.min(kept.last, last) }
    if (both.first <= both.last) return seedsText(both)
  }
  return undefined
}

/** Two runs of different seeds or targets as one: what takes too long at once is run in parts. */
export function together(before: RowResult, after: RowResult): RowResult {
  const counts: Record<string, number> = { ...before.counts }
  for (const [name, count] of Object.entries(after.counts)) {
    counts[name] = sumOf(name, counts[name], count)
  }
  return {
    // Targets have mostly been run with the same seed.
    seeds: before.seeds === after.seeds ? after.seeds : `${before.seeds}, ${after.seeds}`,
    counts,
    violations: [...before.violations, ...after.violations],
    ...failedSeedsOf(before, after),
    details: { ...before.details, ...after.details },
    seconds: before.seconds + after.seconds,
    commit: `${before.commit}, ${after.commit}`,
    date: after.date,
  }
}

/** Of two runs; none where violations of one of them can be told by no seed. */
function failedSeedsOf(...results: readonly RowResult[]): Pick<Report, 'failedSeeds'> {
  const violated = results.filter(({ violations }) => violations.length > 0)
  const failedSeeds = violated.flatMap(({ failedSeeds: seeds = [] }) => seeds)
  return violated.length > 0 && violated.every(({ failedSeeds: seeds }) => seeds) ? { failedSeeds } : {}
}

/**
 * A result whose violations were looked into and mended, once each seed that told one was run again on another commit.
 * It stays as it was while one of them still tells one. Only what follows from its seed alone is known to be mended.
 */
export function mended(before: RowResult, again: readonly RowResult[]): RowResult {
  const passed = again
    .filter(({ violations, commit }) => violations.length === 0 && !before.commit.split(', ').includes(commit))
    .map(({ seeds }) => seeds)
  const isMended = before.failedSeeds?.every((seed) => passed.includes(`${seed}`)) ?? false
  if (!isMended) return before
  const { failedSeeds: _, ...rest } = before
  const commits = [...new Set(again.map(({ commit }) => commit))].join(', ')
  const told = `violations by seed ${passed.join(', ')}; none since the mend, on commit ${commits}`
  return { ...rest, violations: [], details: { ...before.details, [mendedDetail]: told } }
}
