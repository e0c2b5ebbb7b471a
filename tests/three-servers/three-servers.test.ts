import { expect, it } from 'vitest'
import { runAsTest } from '../reliability/report.ts'
import { threeServers } from './three-servers.ts'

it('three servers over one engine lose and repeat nothing while each of them dies and comes back', async () => {
  const { counts, violations, seeds } = await runAsTest(threeServers)
  expect(violations).toEqual([])
  const worked = [
    'idempotent records acknowledged',
    'plain records acknowledged',
    'transactions committed',
    'commits acknowledged',
  ]
  for (const what of ['kills', ...worked]) expect(counts[what], what).toBeGreaterThan(0)
  console.log(`seeds ${seeds}: ${JSON.stringify(counts)}`)
}, 1_800_000)
