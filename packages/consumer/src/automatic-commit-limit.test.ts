import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { AutomaticCommitLimit } from './automatic-commit-limit.ts'

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'abort' as const), pick: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('commit offsets' as const) }) },
)

it('lets a record be committed just when every transaction that it was finished in has been committed, or a later record may be', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limit = new AutomaticCommitLimit()
      const outcomes = new Map<number, 'open' | 'commit' | 'abort'>()
      /** For each offset, the transactions that were open when its record was finished. */
      const finishedIn: number[][] = []
      let committed = 0
      const open = (): number[] => [...outcomes].filter(([, outcome]) => outcome === 'open').map(([mark]) => mark)
      const transactions = {
        get mark() {
          return outcomes.size
        },
        get oldest() {
          return open()[0]
        },
      }
      const allowed = (): number => {
        const became = (offset: number, outcome: string): boolean =>
          (finishedIn[offset] as number[]).some((mark) => outcomes.get(mark) === outcome)
        let end = finishedIn.findIndex((_, offset) => became(offset, 'open'))
        if (end === -1) end = finishedIn.length
        while (end > 0 && became(end - 1, 'abort')) end--
        return end
      }
      for (const one of steps) {
        if (one.kind === 'begin') outcomes.set(outcomes.size + 1, 'open')
        else if (one.kind === 'finish') {
          limit.note(transactions, finishedIn.length)
          finishedIn.push(open())
        } else if (one.kind === 'commit offsets') {
          committed = Math.max(committed, allowed())
          limit.forget(transactions, committed)
        } else {
          const [mark] = open().slice(one.pick % (open().length || 1))
          if (mark === undefined) continue
          if (one.kind === 'abort') limit.abort(mark, finishedIn.length)
          outcomes.set(mark, one.kind)
        }
        expect(Math.max(limit.of(finishedIn.length, transactions.oldest), committed)).toBe(
          Math.max(allowed(), committed),
        )
      }
    }),
    { numRuns: 2000 },
  )
})
