import { expect, it } from 'vitest'
import { runAsTest } from './report.ts'
import { sameSeed } from './same-seed.ts'

it('the simulation makes the same history of the same seed in another process, and others of other seeds', async () => {
  const { counts, violations } = await runAsTest(sameSeed)
  expect(violations).toEqual([])
  expect(counts['different histories']).toBe(counts['seeds'])
}, 120_000)
