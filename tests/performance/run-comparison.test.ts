import { describe, expect, it } from 'vitest'
import { fullPace, paced, quickPace } from '../../benchmarks/pace.ts'
import type { Comparison, Figures, Target } from '../../benchmarks/targets/comparison.ts'
import { comparisons } from '../../benchmarks/targets/comparisons.ts'
import { amount, timesAsCheap, timesAsFast, timesTheCost } from '../../benchmarks/targets/judges.ts'
import { runComparison } from '../../benchmarks/targets/run-comparison.ts'

const log: string[] = []

/** Each side has its figures, one for each round, again and again. */
function comparison(sides: Readonly<Record<string, readonly Figures[]>>, target: Partial<Target>): Comparison {
  const [ours = '', ...against] = Object.keys(sides)
  return {
    name: 'compared',
    settings: 'as they are',
    warmUp: 'none',
    targets: [{ name: 'row', what: 'work', ours, against, ...timesAsFast(), target: 2, ...target }],
    open: async () => ({
      sides: Object.entries(sides).map(([name, rounds]) => {
        let round = 0
        return {
          name,
          measure: async () => {
            log.push(name)
            return rounds[round++ % rounds.length] ?? {}
          },
          close: async () => void log.push(`${name} closed`),
        }
      }),
      close: async () => void log.push('all closed'),
    }),
  }
}

const run = async (of: Comparison, rounds = 3) => {
  log.length = 0
  const [row] = await runComparison(of, of.targets, { rounds, share: 1 })
  if (!row) throw new Error('no row came')
  return row
}
const speed = (...each: number[]): Figures[] => each.map((recordsPerSecond) => ({ recordsPerSecond }))
const cost = (...each: number[]): Figures[] => each.map((cpuUs) => ({ cpuUs }))

describe('a comparison', () => {
  it('lets the sides take turns, and closes all of them', async () => {
    await run(comparison({ ours: speed(1), theirs: speed(1) }, {}), 2)
    expect(log).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours closed', 'theirs closed', 'all closed'])
  })

  it('judges round by round, and tells the one in the middle: a slow moment of the machine meets both', async () => {
    const row = await run(comparison({ ours: speed(100, 10, 90), theirs: speed(50, 5, 30) }, {}))
    expect(row).toMatchObject({ value: 2, least: 2, most: 3, isMet: true, rounds: 3 })
    expect(row.sides).toEqual([
      { name: 'ours', figures: { recordsPerSecond: 90 } },
      { name: 'theirs', figures: { recordsPerSecond: 30 } },
    ])
  })

  it.each([
    ['the fastest of several', { ours: speed(90), slow: speed(10), fast: speed(60) }, timesAsFast(), 1.5],
    ['the cheapest of several', { ours: cost(2), cheap: cost(3), dear: cost(8) }, timesAsCheap(), 1.5],
    ['a limit', { ours: cost(5), limit: cost(2) }, timesTheCost(), 2.5],
    ['what is beyond a start with nothing', { ours: cost(50), bare: cost(20) }, amount('cpuUs', 'ms', 'ms'), 30],
  ])('compares with %s', async (_, sides, judged, value) => {
    expect((await run(comparison(sides as Record<string, Figures[]>, judged))).value).toBe(value)
  })

  it.each([
    ['at least', 2, true],
    ['at least', 2.01, false],
    ['at most', 2, true],
    ['at most', 1.99, false],
  ] as const)('%s %d is judged right', async (bound, target, isMet) => {
    expect((await run(comparison({ ours: speed(2), theirs: speed(1) }, { bound, target }))).isMet).toBe(isMet)
  })

  it('leaves out a peer that is not installed, but not all of them', async () => {
    const both = comparison({ ours: speed(4), theirs: speed(2) }, { against: ['theirs', 'missing'] })
    expect((await run(both)).value).toBe(2)
    await expect(run(comparison({ ours: speed(4) }, { against: ['missing'] }))).rejects.toThrow("lacks sides of 'row'")
    expect(log).toContain('all closed')
  })
})

describe('the table of targets', () => {
  it('names each row once', () => {
    const names = comparisons.flatMap(({ targets }) => targets.map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(40)
  })

  it('takes at least five rounds at each pace', () => {
    for (const pace of [fullPace, quickPace]) expect(pace.rounds).toBeGreaterThanOrEqual(5)
    expect(paced(1000, quickPace, 100)).toBe(200)
    expect(paced(10, quickPace, 100)).toBe(100)
  })
})
