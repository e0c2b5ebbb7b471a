import { systemRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import type { AuditEntry } from './audit-entry.ts'
import { AuditTrail } from './audit-trail.ts'

const refusalFrom = (address: string) => ({
  requestId: 'r',
  keyId: null,
  address,
  operation: '/v1',
  resources: [],
  outcome: 'refused' as const,
})

it('is limited in all too, however many addresses the refused have, and whatever the time of day', () => {
  const clock = new ManualClock()
  const entries: AuditEntry[] = []
  const trail = new AuditTrail((entry) => entries.push(entry), { clock, random: systemRandom })
  const flood = (): void => {
    for (let count = 0; count < 5000; count++) trail.add(refusalFrom(`10.0.${count >> 8}.${count & 255}`), true)
  }
  flood()
  expect(entries).toHaveLength(200)
  clock.adjust(86_400_000)
  flood()
  expect(entries).toHaveLength(200)
  clock.adjust(-2 * 86_400_000)
  clock.advance(1000)
  flood()
  expect(entries).toHaveLength(220)
  expect(entries[200]).toMatchObject({ suppressed: 9800 })
})
