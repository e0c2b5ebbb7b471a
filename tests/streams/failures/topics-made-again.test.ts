import fc from 'fast-check'
import { expect, it } from 'vitest'
import { allReads, allStates, MadeAgain, outcomeOf, type Situation } from './topics-made-again.ts'

const count = fc.integer({ min: 1, max: 4 })
const anySituation: fc.Arbitrary<Situation> = fc.record({
  what: fc.constantFrom(...allReads),
  state: fc.constantFrom(...allStates),
  guarantee: fc.constantFrom('at-least-once', 'exactly-once'),
  members: fc.integer({ min: 1, max: 2 }),
  before: count,
  after: count,
  isHeard: fc.boolean(),
})

const fewer = { guarantee: 'exactly-once', members: 2, before: 4, after: 1, isHeard: true } as const
const examples: Situation[] = [
  ...allReads.flatMap((what) => allStates.map((state) => ({ ...fewer, what, state }))),
  ...allReads.map((what) => ({ ...fewer, what, state: 'none' as const, before: 3, isHeard: false })),
]

/** What it has to say of state that does not fit. */
const misfit =
  /topic 'orders' has \d partitions.*internal topic 'app-latest-changelog'.* has \d.*dropState: \['latest'\].*kafkado streams reset.*another name/

async function check(situation: Situation): Promise<void> {
  const run = new MadeAgain(situation)
  await run.begin()
  await run.makeAgain()
  const outcome = outcomeOf(situation)
  if (outcome === 'goes on') {
    await run.round()
    await run.leave()
    if (situation.members === 1) await run.start()
    await run.round()
  } else {
    expect(await run.failure()).toMatch(outcome === 'has other state' ? misfit : /stop all of them|internal topic/)
    await run.stop()
    const isFitting = outcomeOf({ ...situation, what: 'a pattern that matches others' }) === 'goes on'
    if (outcome === 'has other state' || !isFitting) {
      await expect(run.start()).rejects.toThrow(/internal topic 'app-latest-changelog'.*dropState: \['latest'\]/)
      await run.start(['latest'])
    } else await run.start()
    await run.round()
  }
  await run.close()
}

it('a source that is made again with other partitions is read, or the application says what has to be done', async () => {
  await fc.assert(fc.asyncProperty(anySituation, check), {
    numRuns: 40,
    examples: examples.map((situation): [Situation] => [situation]),
    endOnFailure: true,
  })
})
