import { median } from '../median.ts'
import type { Pace } from '../pace.ts'
import type { Comparison, Figures, Side, Target } from './comparison.ts'
import type { Row } from './row.ts'

/**
 * The sides take turns, round by round, and what is judged is each round's ratio: whatever else the machine does meets
 * all of them.
 */
export async function runComparison(
  comparison: Comparison,
  targets: readonly Target[],
  pace: Pace,
): Promise<readonly Row[]> {
  const opened = await comparison.open(pace)
  try {
    const isNeeded = ({ name }: Side): boolean =>
      targets.some(({ ours, against }) => ours === name || against.includes(name))
    const rounds = new Map(opened.sides.filter(isNeeded).map((side) => [side, [] as Figures[]]))
    for (let round = 0; round < pace.rounds; round++)
      for (const [side, measured] of rounds) measured.push(await side.measure())
    return targets.map((target) => rowOf(comparison, target, rounds))
  } finally {
    for (const side of opened.sides) await side.close?.()
    await opened.close?.()
  }
}

function rowOf(comparison: Comparison, target: Target, rounds: ReadonlyMap<Side, readonly Figures[]>): Row {
  const sides = [...rounds.keys()]
  const ours = sides.find(({ name }) => name === target.ours)
  // Some of the others may be missing on this machine.
  const others = sides.filter(({ name }) => target.against.includes(name))
  if (!ours || (others.length === 0 && target.against.length > 0))
    throw new Error(`'${comparison.name}' lacks sides of '${target.name}': ${sides.map(({ name }) => name).join(', ')}`)
  const values = (rounds.get(ours) ?? [])
    .map((figures, round) =>
      target.judge(
        figures,
        others.map((other) => rounds.get(other)?.[round] ?? {}),
      ),
    )
    .toSorted((left, right) => left - right)
  const value = median(values)
  return {
    name: target.name,
    what: target.what,
    judgedBy: target.judgedBy,
    unit: target.unit,
    bound: target.bound,
    target: target.target,
    value,
    least: values[0] ?? value,
    most: values.at(-1) ?? value,
    isMet: target.bound === 'at least' ? value >= target.target : value <= target.target,
    sides: [ours, ...others].map((side) => ({
      name: side.version === undefined ? side.name : `${side.name} ${side.version}`,
      figures: middleOf(rounds.get(side) ?? []),
    })),
    settings: comparison.settings,
    warmUp: comparison.warmUp,
    rounds: values.length,
  }
}

function middleOf(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((figures) => figures[name] ?? Number.NaN))]))
}
