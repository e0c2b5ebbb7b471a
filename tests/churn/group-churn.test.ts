import { expect, it } from 'vitest'
import { runAsTest } from '../reliability/report.ts'
import { simulatedChurn } from './simulated-churn.ts'

it('three consumers that join, leave and crash at random never share a partition, process every record, and commit only what is processed', async () => {
  const { counts, violations, seeds } = await runAsTest(simulatedChurn)
  expect(violations).toEqual([])
  for (const what of ['joins', 'leaves', 'crashes', 'records processed']) expect(counts[what], what).toBeGreaterThan(0)
  console.log(`seeds ${seeds}: ${JSON.stringify(counts)}`)
}, 360_000)
