import type { Report, SeedRange } from '../report.ts'

/** All that is promised for a release, or the part of it that fits into CI. */
export type Size = 'full' | 'ci'

/** What a row is run with. */
export interface RowRun {
  readonly size: Size
  /** Other seeds than those of the size. */
  readonly seeds: SeedRange | undefined
  /** Only these targets of the fuzzer. */
  readonly targets: readonly string[] | undefined
  /**
   * Runs a command from the root of the repository to its end, with a place for its JSON; resolves to that text, or
   * undefined when it wrote none.
   */
  readonly collect: (
    command: (jsonFile: string) => readonly string[],
    environment?: NodeJS.ProcessEnv,
  ) => Promise<string | undefined>
}

/** What is promised of a row at a size. */
export interface Promised {
  /** As the table says it. */
  readonly text: string
  /** What the counts of a run have to reach. */
  readonly atLeast: Readonly<Record<string, number>>
}

/** A row of the scorecard. */
export interface Row {
  readonly name: string
  readonly gate: string
  readonly full: Promised
  /** Undefined: there is no smaller size of it. */
  readonly ci: Promised | undefined
  /** Which counts the table shows. */
  readonly figures: readonly string[]
  /** What a run without violations shows, and what it does not. */
  readonly shows: string
  /** A script of package.json without which it cannot be run. */
  readonly script?: string
  /** Undefined: there is nothing to run yet, and `shows` says so. */
  readonly run: ((run: RowRun) => Promise<Report>) | undefined
}

export function promisedOf(row: Row, size: Size): Promised | undefined {
  return size === 'full' ? row.full : row.ci
}
