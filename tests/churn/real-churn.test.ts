import { it } from 'vitest'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { realChurn } from './real-churn.ts'

it(
  'a group of processes that join, leave, die and stand still never shares a partition and processes every record',
  { timeout: partTimeoutMs },
  () => testPart(realChurn, ['joins', 'leaves', 'records processed']),
)
