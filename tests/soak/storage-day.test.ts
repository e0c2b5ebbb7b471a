import { expect, it } from 'vitest'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { storageDay } from './storage-day.ts'

it(
  'a day of records goes through a folder that is smaller, and nothing of what is kept is lost or damaged',
  async () => {
    const { counts } = await testPart(storageDay, ['batches', 'bytes appended', 'reads', 'bytes read'])
    // Most of it is gone by then.
    expect(counts['bytes verified at the end']).toBeLessThan((counts['bytes appended'] ?? 0) / 2)
  },
  partTimeoutMs,
)
