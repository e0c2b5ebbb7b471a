import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@kafkado/core'
import { failureText } from './failure-text.ts'

/** The seeds of a run, both ends included. */
export interface SeedRange {
  readonly first: number
  readonly last: number
}

/** What a run says of itself. Every figure of the scorecard comes from one of these. */
export interface Report {
  readonly seeds: string
  /** What was done, by name: kills, records, cuts … */
  readonly counts: Readonly<Record<string, number>>
  /** Everything that must not be, with the seed that shows it. */
  readonly violations: readonly string[]
  /** The seeds that told them, where the same seed always tells the same. */
  readonly failedSeeds?: readonly number[]
  /** What else is worth knowing, in words. */
  readonly details: Readonly<Record<string, string>>
}

/** How much of a part is run. */
export interface Sized {
  readonly seeds: SeedRange
}

/** A part of the scorecard that is run in a process of its own, or by a test at one of the smaller sizes. */
export interface Part<Size extends Sized = Sized> {
  /** What is promised for a release, what CI runs, and what `npm test` runs elsewhere, where time matters more. */
  readonly sizes: { readonly full: Size; readonly ci: Size; readonly quick: Size }
  run(size: Size): Promise<Report>
}

/** Collects what the seeds of a run come to. */
export class ReportBuilder {
  readonly violations: string[] = []
  readonly details: Record<string, string> = {}
  readonly #seeds: SeedRange
  readonly #counts: Record<string, number> = {}

  constructor(seeds: SeedRange) {
    this.#seeds = seeds
  }

  /** Runs once for each seed. A seed that throws is a violation, and the others go on. */
  async eachSeed(run: (seed: number) => Promise<void>): Promise<void> {
    for (let seed = this.#seeds.first; seed <= this.#seeds.last; seed++) {
      const startMs = systemClock.monotonic()
      try {
        await run(seed)
      } catch (error) {
        this.violations.push(`seed ${seed}: ${failureText(error)}`)
      }
      const seconds = Math.round((systemClock.monotonic() - startMs) / 1000)
      // For who waits for an hour. A test says what came of it in the end.
      if (!process.env['VITEST'])
        console.error(`seed ${seed}: ${seconds} s, ${this.violations.length} violations so far`)
    }
  }

  /** As `eachSeed`, with a folder for what the seed keeps. */
  eachSeedInFolder(run: (seed: number, folder: string) => Promise<void>): Promise<void> {
    return this.eachSeed(async (seed) => {
      const folder = await mkdtemp(join(tmpdir(), 'kafkado-reliability-'))
      try {
        await run(seed, folder)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
  }

  add(counts: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(counts)) this.#counts[name] = (this.#counts[name] ?? 0) + count
  }

  build(): Report {
    const { violations, details } = this
    return { seeds: seedsText(this.#seeds), counts: { ...this.#counts }, violations, details }
  }
}

export function seedsText({ first, last }: SeedRange): string {
  return first === last ? `${first}` : `${first}-${last}`
}

/** @throws when the text is no range such as `1-60` */
export function parseSeeds(text: string): SeedRange {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  if (first === undefined) throw new Error(`seeds are given as A-B, such as 1-60; got ${text}`)
  const range = { first: Number(first), last: Number(last ?? first) }
  if (range.last < range.first) throw new Error(`seeds are given from the lowest to the highest; got ${text}`)
  return range
}
