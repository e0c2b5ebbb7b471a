import type { Case, CaseInput, CaseOutput, CaseWindow, Operator } from './case.ts'

/** What a topic was given by both, and by whom: what a deviation is told by. */
export interface Disagreement {
  /** All of the topology. */
  readonly operators: readonly Operator[]
  /** The operators that it has gone through. */
  readonly writers: readonly Operator[]
  readonly inputs: Case['inputs']
  readonly ours: readonly CaseOutput[]
  readonly theirs: readonly CaseOutput[]
}

/** What of one list the other does not have. */
export function without(
  list: readonly CaseOutput[],
  other: readonly CaseOutput[],
  textOf: (one: CaseOutput) => string = JSON.stringify,
): CaseOutput[] {
  const counts = new Map<string, number>()
  for (const one of other) counts.set(textOf(one), (counts.get(textOf(one)) ?? 0) + 1)
  return list.filter((one) => {
    const count = counts.get(textOf(one)) ?? 0
    counts.set(textOf(one), count - 1)
    return count <= 0
  })
}

export function withoutStep({ key, value, ts }: CaseOutput): string {
  return JSON.stringify([key, value, ts])
}

/** Whether two records are exactly so far apart in time that a window ends at the very moment of one. */
export function hasTimesApart(times: readonly number[], distances: readonly number[]): boolean {
  return times.some((time) => distances.some((distance) => times.includes(time + distance)))
}

export function timesOf(inputs: readonly CaseInput[]): number[] {
  return inputs.flatMap((input) => ('ts' in input ? [input.ts] : []))
}

/** The times that records may have behind processors, which add to them, or hand on at the time of the clock. */
export function timesBehind(writers: readonly Operator[], inputs: readonly CaseInput[]): number[] {
  const processes = writers.filter((one) => one.op === 'process')
  const ofClock = processes.some(({ by }) => by === 'wall-clock') ? clockTimesOf(inputs) : []
  return processes.reduce(
    (times, { shift }) => [...times, ...times.map((time) => time + shift)],
    [...timesOf(inputs), ...ofClock],
  )
}

function clockTimesOf(inputs: readonly CaseInput[]): number[] {
  let now = 0
  return inputs.flatMap((input) => ('advance' in input ? [(now += input.advance)] : []))
}

export function windowOf(operator: Operator): CaseWindow | undefined {
  return 'window' in operator ? operator.window : undefined
}

/** The window that a result is of; undefined where its key is none, or is one no more. */
export function windowOfResult({ key }: CaseOutput): { key: string; start: number; end: number } | undefined {
  return typeof key === 'object' && key !== null ? key : undefined
}

/** The latest time of the records up to a step. */
export function latestAt(inputs: readonly CaseInput[], step: number): number {
  return Math.max(-1, ...timesOf(inputs.slice(0, step + 1)))
}
