import { expect, it } from 'vitest'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { realChurn } from './real-churn.ts'

it(
  'a group of processes that join, leave, die and stand still never shares a partition and processes every record',
  { timeout: partTimeoutMs },
  () => testPart(realChurn, ['joins', 'leaves', 'records processed']),
)

it('a group is judged once somebody has joined it', { timeout: partTimeoutMs }, async () => {
  const { counts, violations } = await realChurn.run({ seeds: { first: 1, last: 1 }, eventsPerSeed: 0 })
  expect(violations).toEqual([])
  expect(counts).toMatchObject({ joins: 1, 'members that got partitions': 1 })
})
