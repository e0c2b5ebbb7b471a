import { expect, it } from 'vitest'
import { runAsTest } from '../reliability/report.ts'
import { killedCopy } from './killed-copy.ts'

it('copies records exactly once while processes die by kill -9', { timeout: 1_800_000 }, async () => {
  const { counts, violations, seeds } = await runAsTest(killedCopy)
  expect(violations).toEqual([])
  for (const what of ['records', 'kills']) expect(counts[what], what).toBeGreaterThan(0)
  console.log(`seeds ${seeds}: ${JSON.stringify(counts)}`)
})
