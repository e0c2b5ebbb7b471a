import { createStreamsBuilder, type Startable } from '@kafkado/streams'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineTopic } from '@kafkado/core'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'
import { ScheduledRun } from './scheduled-run.ts'

const text = { key: 'string', value: 'string' } as const
const [left, right] = [defineTopic('left', text), defineTopic('right', text)]

/** The part after the bar names a row of the other table. */
const named = (value: string): string | null => value.split('|')[1] ?? null
const joined = (one: string, other: string | null): string => `${one}+${other}`

type Change = readonly [topic: 'left' | 'right', key: string, value: string | null]

/** The join of both tables' final rows. */
function joinOf(kind: 'inner' | 'left', changes: readonly Change[]): Map<string, string> {
  const rows = { left: new Map<string, string | null>(), right: new Map<string, string | null>() }
  for (const [topic, key, value] of changes) rows[topic].set(key, value)
  const result = new Map<string, string>()
  for (const [key, value] of rows.left) {
    if (value === null) continue
    const other = rows.right.get(named(value) ?? '') ?? null
    if (other !== null || kind === 'left') result.set(key, joined(value, other))
  }
  return result
}

/**
 * Results that no change of either row explains: a result has the time of one of its two rows, and no pair of rows has
 * more results than each of them was put. A change is put at its index.
 */
function unexplained(outputs: ScheduledRun['outputs'], changes: readonly Change[]): unknown[] {
  const results = outputs.filter(({ value }) => value !== null)
  return results.filter(({ key, value, timestamp }) => {
    const [row, other] = String(value).split('+') as [string, string]
    const causes = changes.flatMap(([topic, of, put], index) => {
      const isOfLeft = topic === 'left' && of === key && put === row
      return isOfLeft || (topic === 'right' && of === named(row) && String(put) === other) ? [index] : []
    })
    const same = results.filter((each) => each.key === key && each.value === value)
    return !causes.includes(timestamp) || same.length > causes.length
  })
}

function build(kind: 'inner' | 'left'): Startable {
  const s = createStreamsBuilder(noTransport)
  const on = { left: named, right: () => null }
  const [one, other] = [s.table(left), s.table(right)]
  return (kind === 'left' ? one.leftJoin(other, { on }, joined) : one.join(other, { on }, joined)).to('out')
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(
    fc.constant('left' as const),
    fc.constantFrom('l1', 'l1', 'l2'),
    fc.constantFrom(null, 'a', 'a|r1', 'b|r1', 'a|r2'),
  ),
  fc.tuple(fc.constant('right' as const), fc.constantFrom('r1', 'r1', 'r2'), fc.constantFrom(null, 'V')),
)

describe.each(['inner', 'left'] as const)('a join by foreign key, %s', (kind) => {
  it('comes to what both tables are, whichever task is first with whatever it has to do', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 14 }),
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 3 }),
        (changes, choices, partitions) => {
          const run = new ScheduledRun(build(kind), partitions)
          let next = 0
          const choose = (count: number): number => (choices[next++ % choices.length] as number) % count
          for (const [index, [topic, key, value]] of changes.entries()) {
            run.put(topic, key, value, index)
            // Processes some of it before the next change arrives.
            for (let steps = (choices[next++ % choices.length] as number) % 8; steps > 0 && run.step(choose); steps--);
          }
          while (run.step(choose));
          if (kind === 'inner') expect(unexplained(run.outputs, changes)).toEqual([])
          const last = new Map(run.outputs.map(({ key, value }) => [key, value]))
          for (const [key, value] of last) if (value === null) last.delete(key)
          expect(last).toEqual(joinOf(kind, changes))
        },
      ),
      { numRuns: 3000, seed: 1 },
    )
  })
})
