import { expect, it } from 'vitest'
import { runAsTest } from '../reliability/report.ts'
import { killRun } from './kill-run.ts'

it('keeps every acknowledged record once, transactions whole and groups going on over kill -9 of the server', async () => {
  const { counts, violations, seeds } = await runAsTest(killRun)
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
