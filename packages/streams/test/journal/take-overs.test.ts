import { type Random, seededRandom } from '@kafkado/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { TakeOver } from './take-over.ts'
import { byChance, inOrder, Turns } from './turns.ts'

/** The processes go on by turns, which chance gives them. */
function byTurns(seed: number, opensAfter: number, others: number, unit: number): { run: TakeOver; random: Random } {
  const random = seededRandom(seed)
  const [turns, sizes] = [new Turns(byChance(random, others + 1)), new JournalSizes(unit)]
  const writes = { writes: 60, keys: 9, valueLength: 180 }
  return { run: new TakeOver({ turns, random, sizes, ...writes, opensAfter, others }), random }
}

it('has lost nothing when it is taken over, at whatever moment that is, and whatever the former owner still does', async () => {
  let removals = 0
  const units = fc.constantFrom(512, 2048)
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(50), fc.integer({ min: 1, max: 3 }), units, async (seed, after, others, unit) => {
      const { run, random } = byTurns(seed, after, others, unit)
      await run.run()
      removals += run.removals
      const [first, last] = run.effectsMeanwhile
      for (let kill = 0; kill < 6; kill++)
        await run.expectAfterKill(first + Math.floor(random.next() * (last + 1 - first)))
    }),
    { numRuns: 150, endOnFailure: true },
  )
  // What it is about has happened.
  expect(removals).toBeGreaterThan(50)
})

it('has lost nothing when three at once take it over, and a file has its name back after one of them has looked', async () => {
  await byTurns(2147483632, 2, 3, 512).run.run()
})

/** The former owner is where it stands after so many turns; the next one begins, and has so many until the former goes on. */
async function takenOver(formerTurns: number, nextTurns: number): Promise<{ run: TakeOver; turns: Turns }> {
  const turns = new Turns(
    inOrder(
      [
        [0, formerTurns],
        [1, nextTurns],
      ],
      0,
    ),
  )
  const writes = { writes: 4, keys: 2, valueLength: 60, opensAfter: 1 }
  const run = new TakeOver({ turns, random: seededRandom(1), sizes: new JournalSizes(256), ...writes, others: 1 })
  await run.run()
  return { run, turns }
}

it('has lost nothing wherever the former owner stands still, and wherever the next one does while the former goes on', async () => {
  const { run, turns } = await takenOver(0, 0)
  // Files come and go meanwhile, and the turns are so few that they do so once while the former owner may stand still.
  expect(run.removals).toBe(2)
  expect(turns.had[0]).toBeLessThan(100)
  for (let former = 5; former < 55; former++) {
    for (let next = 0; next < 12; next++) {
      try {
        const { run } = await takenOver(former, next)
        const [first, last] = run.effectsMeanwhile
        for (let kill = Math.max(first, last - 3); kill <= last; kill++) await run.expectAfterKill(kill)
      } catch (cause) {
        const where = `the former owner had ${former} turns before, and the next one ${next} of its own`
        throw new Error(`${where}: ${(cause as Error).message}`, { cause })
      }
    }
  }
})
