import { TransactionScope } from '@kafkado/core/internal'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import * as browser from './transaction-reads.browser.ts'
import { presentScope, TransactionReads } from './transaction-reads.ts'

const pick = fc.nat()
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('read in' as const, 'read outside' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'abort' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('forget' as const, 'gap' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('seek' as const), pick }) },
)

/**
 * A model that knows the transaction of each record: it gives the offset after the last record that may be committed.
 */
function allowed(
  readIn: ReadonlyMap<number, TransactionScope | undefined>,
  finishedTo: number,
  position: number,
): number {
  const finished = [...readIn].filter(([offset]) => offset < finishedTo).sort(([one], [other]) => one - other)
  const open = finished.find(([, scope]) => scope?.outcome === 'open')
  let end = open ? open[0] : position
  for (const [offset, scope] of finished.toReversed()) {
    if (offset >= end) continue
    if (scope?.outcome !== 'aborted') break
    end = offset
  }
  return end
}

it('lets a record be committed that was read in a transaction when that is committed, or when one is processed that was read later', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const reads = new TransactionReads()
      const scopes: TransactionScope[] = []
      const readIn = new Map<number, TransactionScope | undefined>()
      const open = (): TransactionScope[] => scopes.filter(({ outcome }) => outcome === 'open')
      let position = 0
      let finishedTo = 0
      let committed = 0
      for (const one of steps) {
        if (one.kind === 'begin') scopes.push(new TransactionScope())
        else if (one.kind === 'read in' || one.kind === 'read outside') {
          const scope = one.kind === 'read in' ? open()[one.pick % (open().length || 1)] : undefined
          reads.add(scope, position)
          readIn.set(position, scope)
          position++
          finishedTo = position
        } else if (one.kind === 'gap') position++
        else if (one.kind === 'forget') {
          committed = Math.max(committed, reads.limitOf({ to: position, finishedTo }))
          reads.forgetBefore(committed)
        } else if (one.kind === 'seek') {
          position = committed + (one.pick % (position - committed + 3))
          reads.moveTo(position)
          for (const offset of readIn.keys()) if (offset >= position) readIn.delete(offset)
          finishedTo = Math.min(finishedTo, position)
        } else if ('pick' in one) await open()[one.pick % (open().length || 1)]?.end(one.kind === 'commit')
        const limit = reads.limitOf({ to: position, finishedTo })
        const model = allowed(readIn, finishedTo, position)
        // A transaction's whole range, from its first to its last record, is left out, even if other records were read
        // in between.
        expect(Math.max(limit, committed)).toBeLessThanOrEqual(Math.max(model, committed))
        if (open().length === 0 && scopes.every(({ outcome }) => outcome === 'committed')) expect(limit).toBe(position)
      }
    }),
    { numRuns: 2000 },
  )
})

it('knows no transaction in a browser, and commits as elsewhere outside of transactions', () => {
  const calls = fc.array(
    fc.record({ add: fc.nat(), move: fc.nat(), forget: fc.nat(), to: fc.nat(), finished: fc.nat() }),
  )
  fc.assert(
    fc.property(calls, (made) => {
      const [reads, inBrowser] = [new TransactionReads(), new browser.TransactionReads()]
      for (const { add, move, forget, to, finished } of made) {
        const answers = [reads, inBrowser].map((one) => {
          one.add(undefined, add)
          one.moveTo(move)
          one.forgetBefore(forget)
          return [one.limitOf({ to, finishedTo: finished }), [...one.open]]
        })
        expect(answers[1]).toEqual(answers[0])
      }
    }),
  )
  expect(browser.presentScope()).toBe(presentScope())
})
