import { describe, expect, it } from 'vitest'
import { parseArguments } from './cli/arguments.ts'
import { runInProcesses } from './cli/jobs.ts'
import type { SeedReport } from './cli/report.ts'
import { addCounts, closingLine, noCounts } from './counts.ts'
import { scenarios } from './plan/scenarios.ts'
import { simulate } from './simulate.ts'

/** More where time does not matter: `KAFKADO_SIMULATION_SEEDS=1001-5000`, or `npm run simulate`. */
const seeds = process.env['KAFKADO_SIMULATION_SEEDS'] ?? (process.env['CI'] ? '1-500' : '1-150')
const { from, to } = parseArguments(['--seeds', seeds])
const count = to - from + 1
const journalSeeds = 40

/** They told of faults once, of ours or of the simulation itself, and did so while their plans were what they are. */
const toldOnce = [
  103023, 200029, 200570, 200724, 200768, 201531, 201550, 211377, 212372, 221374, 222089, 230679, 241840, 269560,
  270668, 272889, 275476, 324830,
]

describe('the whole system, simulated', () => {
  it(
    `breaks no promise, whatever goes wrong: seeds ${seeds}`,
    async () => {
      const counts = noCounts()
      const failures: string[] = []
      const onReport = ({ text, counts: more }: SeedReport): void => {
        addCounts(counts, more)
        if (text !== undefined) failures.push(text)
      }
      const startMs = performance.now()
      await runInProcesses(parseArguments(['--seeds', seeds, '--jobs', '2']), onReport)
      console.log(closingLine(counts, (performance.now() - startMs) / 1000))
      expect(failures.join('\n\n')).toBe('')
      // Otherwise little was tried.
      expect(counts.seeds).toBe(count)
      expect(counts.operations / count).toBeGreaterThan(80)
      expect(Object.values(counts.faults).reduce((sum, one) => sum + one, 0) / count).toBeGreaterThan(10)
      expect(Object.keys(counts.faults).length).toBeGreaterThan(25)
      expect(Object.keys(counts.scenarios).sort()).toEqual(Object.keys(scenarios).sort())
    },
    60_000 + count * 2000,
  )

  it(
    `breaks no promise over the journal on a simulated disk: seeds 1-${journalSeeds}`,
    { timeout: 300_000 },
    async () => {
      const failures: string[] = []
      let crashes = 0
      const seeds = ['--seeds', `1-${journalSeeds}`, '--storage', 'journal', '--jobs', '2']
      await runInProcesses(parseArguments(seeds), ({ text, counts }) => {
        if (text !== undefined) failures.push(text)
        crashes += counts.events['crash'] ?? 0
      })
      expect(failures.join('\n\n')).toBe('')
      expect(crashes).toBeGreaterThan(journalSeeds / 4)
    },
  )

  it('has nothing to tell of seeds that told something once', { timeout: 120_000 }, async () => {
    for (const seed of toldOnce) expect((await simulate(seed)).violations, `seed ${seed}`).toEqual([])
  })
})
