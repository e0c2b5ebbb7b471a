import { seededRandom } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { journalFaults, JournalCuts, open } from './journal-cuts.ts'
import { ModelledWork } from './modelled-work.ts'
import { SimulatedFolder } from './simulated-folder.ts'

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

it('makes durable what a process that was killed has left with the operating system, before it is served', async () => {
  const random = seededRandom(5)
  const work = new ModelledWork(random)
  let isKilled = false
  const kill = { error: new Error('killed'), writtenBytes: 100_000 }
  const folder = new SimulatedFolder(random, {
    fault: (call) => (call === 'append' && isKilled ? kill : undefined),
  })
  const first = open(folder, random)
  await first.open()
  await work.unit().carryOut(first)
  isKilled = true
  await expect(work.unit().carryOut(first)).rejects.toThrow('killed')
  isKilled = false
  const second = open(folder, random)
  await second.open()
  const served = work.contents(second)
  expect(served).toBe(await work.expected(2))
  for (let cut = 0; cut < 30; cut++) {
    const third = open(new SimulatedFolder(random, {}, folder.disk.afterPowerCut(random)), random)
    await third.open()
    expect(work.contents(third)).toBe(served)
    await third.close()
  }
  await Promise.all([first.close(), second.close()])
})
