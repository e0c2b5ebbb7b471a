import { expect, it } from 'vitest'
import { type Fault, JournalCuts } from './journal-cuts.ts'

it.each<Fault>(['none', 'sync', 'write', 'full', 'no room for a checkpoint'])(
  'keeps what was acknowledged, fault: %s',
  async (fault) => {
    const first = Number(process.env['KAFKADO_CUT_SEED'] ?? 1)
    const seeds = Number(process.env['KAFKADO_CUT_SEEDS'] ?? 8)
    const violations: string[] = []
    const counts: Record<string, number> = {}
    for (let seed = first; seed < first + seeds && violations.length < 5; seed++) {
      const cuts = new JournalCuts(seed)
      await cuts.run(fault, 60)
      violations.push(...cuts.violations)
      for (const [name, count] of Object.entries(cuts.counts)) counts[name] = (counts[name] ?? 0) + count
    }
    console.log(fault, JSON.stringify(counts))
    expect(violations).toEqual([])
  },
)
