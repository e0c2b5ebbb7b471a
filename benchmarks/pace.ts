/** How long benchmarks take. */
export interface Pace {
  /** Interleaved rounds, of which the one in the middle counts. */
  readonly rounds: number
  /** So much of the full work is done in a round. */
  readonly share: number
}

export const fullPace: Pace = { rounds: 7, share: 1 }
/** The whole table in about five minutes. A round is shorter than the noise of some machines. */
export const quickPace: Pace = { rounds: 5, share: 0.2 }

/** @returns so many of `count` as the pace takes, in whole steps */
export function paced(count: number, { share }: Pace, step = 1): number {
  return Math.max(step, Math.round((count * share) / step) * step)
}
