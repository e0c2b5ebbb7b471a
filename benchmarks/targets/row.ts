import type { Figures } from './comparison.ts'

/** What is kept of a target after a run: a row of the table. */
export interface Row {
  readonly name: string
  readonly what: string
  readonly judgedBy: string
  readonly unit: string
  readonly bound: 'at least' | 'at most'
  readonly target: number
  /** Of the round in the middle, and of the rounds at both ends. */
  readonly value: number
  readonly least: number
  readonly most: number
  readonly isMet: boolean
  /** Ours first. The middle of each figure over the rounds. */
  readonly sides: readonly RowSide[]
  readonly settings: string
  readonly warmUp: string
  readonly rounds: number
}

export interface RowSide {
  readonly name: string
  readonly figures: Figures
}
