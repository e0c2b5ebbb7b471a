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

it('writes nothing more behind a write that failed, also when the next one would not', async () => {
  const random = seededRandom(6)
  const work = new ModelledWork(random)
  let isFailing = false
  const folder = new SimulatedFolder(random, {
    fault: (call) => (call === 'append' && isFailing ? { error: new Error('EIO') } : undefined),
  })
  const storage = open(folder, random)
  await storage.open()
  await work.unit().carryOut(storage)
  isFailing = true
  await expect(work.unit().carryOut(storage)).rejects.toMatchObject({ code: 'STORAGE', outcome: 'unknown' })
  isFailing = false
  const [before, sizeInBytes] = [work.contents(storage), folder.sizeInBytes]
  for (const task of [work.unit(), work.unit()])
    await expect(task.carryOut(storage)).rejects.toMatchObject({ code: 'STORAGE', outcome: 'failed' })
  expect([work.contents(storage), folder.sizeInBytes]).toEqual([before, sizeInBytes])
  await storage.close()
})

it('removes no file before the checkpoint that lets it go has its name on the disk', async () => {
  const random = seededRandom(7)
  const work = new ModelledWork(random)
  let [isNamed, removed] = [true, 0]
  const folder = new SimulatedFolder(random, {
    fault: (call, name) => {
      // New files of the journal get their names meanwhile.
      if (call === 'rename' && name.includes('.checkpoint')) isNamed = false
      if (call === 'sync names') isNamed = true
      if (call === 'remove' && !name.endsWith('.new')) {
        removed++
        // The simulated disk keeps names in their order, which no file system promises.
        if (!isNamed) throw new Error(`${name} goes too early`)
      }
      return undefined
    },
  })
  const storage = open(folder, random)
  await storage.open()
  for (let task = 0; task < 200; task++) await (task % 20 === 19 ? work.removal() : work.unit()).carryOut(storage)
  await storage.close()
  expect(removed).toBeGreaterThan(20)
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
