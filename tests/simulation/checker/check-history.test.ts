import { describe, expect, it } from 'vitest'
import { anomalies } from './anomalies.ts'
import { checkHistory } from './check-history.ts'
import { altered } from './examples/altered.ts'
import { atTheEnd } from './examples/at-the-end.ts'
import { byTime } from './examples/by-time.ts'
import { commits } from './examples/commits.ts'
import { deadLetters } from './examples/dead-letters.ts'
import { delivery } from './examples/delivery.ts'
import { endings } from './examples/endings.ts'
import type { Examples } from './examples/example.ts'
import { groups } from './examples/groups.ts'
import { pollOrder } from './examples/poll-order.ts'
import { programs } from './examples/programs.ts'
import { read } from './examples/read.ts'
import { recreated } from './examples/recreated.ts'
import { refused } from './examples/refused.ts'
import { removedEarlyExamples } from './examples/removed-early.ts'
import { repeats } from './examples/repeats.ts'
import { resurrected } from './examples/tombstones.ts'
import { torn } from './examples/torn.ts'
import { transactions } from './examples/transactions.ts'
import { written } from './examples/written.ts'
import { printViolation } from './print-violation.ts'

const examples: readonly Examples[] = [
  ...written,
  ...altered,
  ...removedEarlyExamples,
  resurrected,
  ...refused,
  ...repeats,
  ...read,
  ...pollOrder,
  ...byTime,
  ...torn,
  ...transactions,
  ...groups,
  ...commits,
  ...endings,
  ...programs,
  ...deadLetters,
  ...atTheEnd,
  ...delivery,
]

const rows = (which: 'found' | 'legal') =>
  examples.flatMap((example) =>
    Object.entries(example[which]).map(([name, tell]) => ({ kind: example.kind, name, tell })),
  )

describe('every anomaly', () => {
  it('has a name of its own, a meaning, a history in which it is found and one in which it is not', () => {
    expect(examples.map(({ kind }) => kind).sort()).toEqual(anomalies.map(({ kind }) => kind).sort())
    expect(new Set(anomalies.map(({ kind }) => kind)).size).toBe(anomalies.length)
    for (const { meaning } of anomalies) expect(meaning).not.toBe('')
    for (const { found, legal } of examples) {
      expect(Object.keys(found).length).toBeGreaterThan(0)
      expect(Object.keys(legal).length).toBeGreaterThan(0)
    }
  })

  it.each(rows('found'))('finds $kind, and it alone: $name', ({ kind, tell }) => {
    const { events } = tell()
    const violations = checkHistory(events)
    expect([...new Set(violations.map((violation) => violation.kind))]).toEqual([kind])
    for (const violation of violations) {
      expect(violation.events.length).toBeGreaterThan(0)
      for (const event of violation.events) expect(events[event.sequence]).toBe(event)
      expect(printViolation(violation)).toContain(`${kind}: ${violation.sentence}\n`)
    }
  })

  it.each(Object.entries(recreated))('finds nothing of any kind where a topic is made anew: %s', (_, tell) => {
    expect(checkHistory(tell().events).map(printViolation)).toEqual([])
  })

  it.each(rows('legal'))('finds nothing that looks like $kind: $name', ({ tell }) => {
    expect(checkHistory(tell().events).map(printViolation)).toEqual([])
  })
})
