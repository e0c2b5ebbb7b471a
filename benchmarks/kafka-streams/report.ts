import { sayLoudly } from '../kafka/say-loudly.ts'
import { median } from '../median.ts'
import type { Side } from './applications.ts'
import type { Measured } from './measure-application.ts'
import type { Scenario } from './scenarios.ts'

/** Beyond this, sides do not do the same work. */
const toleratedDifference = 0.05

export function printHead(sides: readonly Side[]): void {
  const [one, other] = sides
  print(['', 'records/s', '', '', 'CPU s a million', '', '', 'results written', ''])
  print(['', one, other, 'ratio', one, other, 'ratio', one, other])
  print(Array.from({ length: 9 }, () => '---'))
}

/** One row of the table: both sides, and how many times as good ours is. */
export function printRow({ name, what }: Scenario, records: number, results: ReadonlyMap<Side, Measured[]>): void {
  const sidesOf = (of: (measured: Measured) => number): number[] =>
    [...results.values()].map((measurements) => median(measurements.map(of)))
  const speeds = sidesOf(({ seconds }) => records / seconds)
  const costs = sidesOf(({ cpuSeconds }) => (cpuSeconds / records) * 1e6)
  const written = sidesOf((measured) => measured.written)
  print([
    `${name}: ${what}`,
    ...speeds.map((speed) => `${Math.round(speed / 1000)}k`),
    `${ratio(speeds).toFixed(2)}×`,
    ...costs.map((cost) => cost.toFixed(2)),
    `${(1 / ratio(costs)).toFixed(2)}×`,
    ...written.map(String),
  ])
  if (Math.abs(ratio(written) - 1) > toleratedDifference)
    sayLoudly(`${name}: UNFAIR, as one side has written ${written.join(' records and the other ')}`)
}

function ratio([ours = Number.NaN, theirs = Number.NaN]: readonly number[]): number {
  return ours / theirs
}

function print(cells: readonly (string | undefined)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}
