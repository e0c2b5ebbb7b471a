import { expect, it } from 'vitest'
import { runAsTest } from '../reliability/report.ts'
import { soak } from './soak.ts'

it('all that a soak has clients do goes on over HTTP, and nothing of it fails', async () => {
  const { counts, violations } = await runAsTest(soak)
  expect(violations).toEqual([])
  for (const [what, count] of Object.entries(counts)) if (what !== 'failures') expect(count, what).toBeGreaterThan(0)
}, 120_000)
