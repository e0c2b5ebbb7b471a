import { expect, it } from 'vitest'
import { sameSeed } from './same-seed.ts'
import { testPart } from './test-part.ts'

it('the simulation makes the same history of the same seed in another process, and others of other seeds', async () => {
  const { counts } = await testPart(sameSeed, ['seeds'])
  expect(counts['different histories']).toBe(counts['seeds'])
}, 120_000)
