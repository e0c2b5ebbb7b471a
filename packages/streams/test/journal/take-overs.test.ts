import { type Random, seededRandom } from '@kafkado/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { TakeOver } from './take-over.ts'
import { byChance, inOrder, Turns } from './turns.ts'

/** The processes run by turns, in random order. */
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
  // The situation under test did occur.
  expect(removals).toBeGreaterThan(50)
})

it('has lost nothing when three at once take it over, and a file has its name back after one of them has looked', async () => {
  await byTurns(2147483632, 2, 3, 512).run.run()
})

/** They run by turns in this order, and the former owner gets all remaining turns. */
async function takenOver(...order: Parameters<typeof inOrder>[0]): Promise<{ run: TakeOver; turns: Turns }> {
  const turns = new Turns(inOrder(order, 0))
  const writes = { writes: 4, keys: 2, valueLength: 60, opensAfter: 1 }
  const run = new TakeOver({ turns, random: seededRandom(1), sizes: new JournalSizes(256), ...writes, others: 1 })
  try {
    await run.run()
    const [first, last] = run.effectsMeanwhile
    for (let kill = Math.max(first, last - 14); kill <= last; kill++) await run.expectAfterKill(kill)
  } catch (cause) {
    throw new Error(`in the order ${JSON.stringify(order)}: ${(cause as Error).message}`, { cause })
  }
  return { run, turns }
}

it('has lost nothing wherever the former owner stands still, and the next one while it has begun to look', async () => {
  const { run } = await takenOver()
  // Files come and go meanwhile.
  expect(run.removals).toBe(2)
  for (let former = 5; former < 55; former++)
    for (let next = 0; next < 4; next++) await takenOver([0, former], [1, next])
})

it('has lost nothing wherever the former owner gives up a file that the next one has read', async () => {
  const { turns } = await takenOver()
  const rename = turns.had.filter(([process]) => process === 0).findIndex(([, name]) => name === 'rename')
  expect(rename).toBeGreaterThan(20)
  // The next one has read everything by then, and now makes the file that makes it the owner.
  for (let read = rename - 14; read <= rename + 2; read++)
    for (let goesOn = Math.max(read, rename - 1); goesOn <= rename + 3; goesOn++)
      for (let next = 1; next < 5; next++) await takenOver([0, read], [1, 'create'], [0, goesOn - read], [1, next])
})
