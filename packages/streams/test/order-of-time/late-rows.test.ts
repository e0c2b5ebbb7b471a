import { defineTopic } from '@kafkado/core'
import { createStreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

const text = { key: 'string', value: 'string' } as const
const [left, right] = [defineTopic('left', text), defineTopic('right', text)]

interface Row {
  readonly at: number
  readonly value: string | null
}

/** The row that counts at a time, of all that have come, in whatever order: the latest, and of these the last. */
function rowAt(rows: readonly Row[], time: number): string | null {
  return rows.toSorted((one, other) => one.at - other.at).findLast(({ at }) => at <= time)?.value ?? null
}

const change = fc.record({
  behindMs: fc.constantFrom(0, 0, 5, 300, 9000),
  afterMs: fc.constantFrom(0, 1, 20, 900),
  value: fc.constantFrom(null, null, 'a', 'b'),
  isAsked: fc.boolean(),
})

it('a record that is joined with a grace meets the row of its time, however late older rows and removals come', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 14 }), (changes) => {
      const s = createStreamsBuilder(noTransport)
      s.stream(left).leftJoin(s.table(right), { grace: 0 }).to('out')
      const driver = new TopologyTestDriver(s)
      const rows: Row[] = []
      let time = 20_000
      for (const { behindMs, afterMs, value, isAsked } of changes) {
        time += afterMs
        driver.pipe(right, { key: 'k', value, timestamp: time - behindMs })
        rows.push({ at: time - behindMs, value })
        if (!isAsked) continue
        driver.pipe(left, { key: 'k', value: 'x', timestamp: time })
        expect(driver.read('out').map((result) => result.value)).toEqual([{ left: 'x', right: rowAt(rows, time) }])
      }
    }),
    { numRuns: 1000, seed: 1 },
  )
})
