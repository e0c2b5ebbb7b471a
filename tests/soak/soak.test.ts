import { expect, it } from 'vitest'
import { testPart } from '../reliability/test-part.ts'
import { soak } from './soak.ts'

it('all that a soak has clients do goes on over HTTP, and nothing of it fails', async () => {
  const { counts } = await testPart(soak, ['records'])
  for (const [what, count] of Object.entries(counts)) if (what !== 'failures') expect(count, what).toBeGreaterThan(0)
}, 120_000)
