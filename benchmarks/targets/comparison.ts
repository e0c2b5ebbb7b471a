import type { Pace } from '../pace.ts'

/** What one side came to in one round, by the names of the figures. */
export type Figures = Readonly<Record<string, number>>

/** One of those that are compared. */
export interface Side {
  readonly name: string
  /** Of a library that is not ours. */
  readonly version?: string
  /** Does the work once, and says what it took. */
  measure(): Promise<Figures>
  close?(): Promise<unknown>
}

export interface Opened {
  readonly sides: readonly Side[]
  close?(): Promise<unknown>
}

/** Sides that do the same work in turn, and the targets that this decides. */
export interface Comparison {
  readonly name: string
  /** The work, and with which settings it is done. */
  readonly settings: string
  readonly warmUp: string
  readonly targets: readonly Target[]
  /** Opens the sides, and warms each of them up. @throws {NotMeasurable} where something is missing */
  open(pace: Pace): Promise<Opened>
}

/** One row of the table of targets. */
export interface Target {
  /** By which the command line chooses it. */
  readonly name: string
  readonly what: string
  readonly ours: string
  /** The other sides. With several of them, the best in each round counts. */
  readonly against: readonly string[]
  /** How the ratio comes from the figures, in words. */
  readonly judgedBy: string
  judge(ours: Figures, others: readonly Figures[]): number
  readonly unit: '×' | 'ms' | 'KB' | 'MB'
  readonly bound: 'at least' | 'at most'
  readonly target: number
}

/** Something is missing on this machine. The row says so. */
export class NotMeasurable extends Error {
  override readonly name = 'NotMeasurable'
}

export function figure(figures: Figures, name: string): number {
  const value = figures[name]
  if (value === undefined) throw new Error(`nobody measured ${name}, only ${Object.keys(figures).join(', ')}`)
  return value
}
