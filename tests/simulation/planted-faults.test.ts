import { expect, it } from 'vitest'
import { simulate } from './simulate.ts'

// Mutants are planted in this process alone; each of these seeds is the gate of some: tests/mutants/simulation.ts.
it.each([1, 3])('the simulation has nothing to tell of seed %i', async (seed) => {
  const { history, violations } = await simulate(seed)
  expect(history.events.length).toBeGreaterThan(100)
  expect(violations).toEqual([])
})
