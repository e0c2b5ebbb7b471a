import { expect, it } from 'vitest'
import { runAsTest } from '../reliability/report.ts'
import { realChurn } from './real-churn.ts'

it('a group of processes that join, leave, die and stand still never shares a partition and processes every record', async () => {
  const { counts, violations, seeds } = await runAsTest(realChurn)
  expect(violations).toEqual([])
  for (const what of ['joins', 'leaves', 'records processed']) expect(counts[what], what).toBeGreaterThan(0)
  console.log(`seeds ${seeds}: ${JSON.stringify(counts)}`)
}, 1_800_000)
