import { describe, expect, it } from 'vitest'
import { journalFaults, JournalCuts } from './journal-cuts.ts'

const seeds = Number(process.env['KAFKADO_JOURNAL_SEEDS'] ?? 8)

describe('a journal on a simulated disk whose power is cut', () => {
  it.each(journalFaults)('has what was acknowledged and nothing torn; fault: %s', async (fault) => {
    const violations: string[] = []
    let cuts = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const run = new JournalCuts(seed)
      await run.run(fault, 60)
      violations.push(...run.violations)
      cuts += run.counts.cuts
    }
    expect(violations).toEqual([])
    expect(cuts).toBeGreaterThan(seeds)
  })

  it('shows a disk that says it has synced and has not', async () => {
    const run = new JournalCuts(1, { isLying: true })
    await run.run('none', 60)
    expect(run.violations.length).toBeGreaterThan(0)
  })
})
