import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { OffsetTracker } from './offset-tracker.ts'

type Step =
  | { readonly kind: 'begin'; readonly gap: number }
  | { readonly kind: 'finish' | 'release' | 'finishThrough'; readonly pick: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('begin' as const), gap: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('finish' as const, 'finish' as const, 'finish' as const, 'release' as const),
      pick: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('finishThrough' as const), pick: fc.nat() }) },
)

it('never lets more be committed than is finished, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const tracker = new OffsetTracker()
      /** Every record given out, and its state. */
      const given = new Map<number, 'unfinished' | 'finished' | 'released'>()
      let next = 0
      for (const one of steps) {
        const offsets = [...given.keys()]
        if (one.kind === 'begin') {
          next += one.gap
          tracker.begin(next)
          given.set(next++, 'unfinished')
        } else if (offsets.length > 0) {
          const offset = offsets[one.pick % offsets.length] as number
          tracker[one.kind](offset)
          if (one.kind === 'finish' && given.get(offset) === 'unfinished') given.set(offset, 'finished')
          if (one.kind === 'release' && given.get(offset) === 'unfinished') given.set(offset, 'released')
          if (one.kind === 'finishThrough')
            for (const before of offsets) if (before <= offset) given.set(before, 'finished')
        }
        const unfinished = [...given].filter(([, state]) => state !== 'finished').map(([offset]) => offset)
        const lowest = unfinished[0] ?? Number.POSITIVE_INFINITY
        const finished = [...given.keys()].filter((offset) => offset < lowest)
        expect(tracker.finishedTo).toBe(finished.length === 0 ? undefined : (finished.at(-1) as number) + 1)
        expect(tracker.isFinished).toBe(unfinished.length === 0)
        expect(tracker.isWorkedOn).toBe([...given.values()].includes('unfinished'))
        expect(tracker.lowestUnfinished).toBe([...given].find(([, state]) => state === 'unfinished')?.[0])
        const workedOn = [...given].filter(([, state]) => state === 'unfinished').map(([offset]) => offset)
        for (const end of [workedOn.at(-1) ?? 0, next])
          expect([...tracker.unfinishedBefore(end)]).toEqual(workedOn.filter((offset) => offset < end))
        const isAnyReleased = [...given.values()].includes('released')
        expect(tracker.readAgainFrom).toBe(isAnyReleased ? unfinished[0] : undefined)
        expect(tracker.pending).toBe([...given.keys()].filter((offset) => offset >= lowest).length)
      }
    }),
    { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 500) },
  )
})

it('keeps up with many records behind one that is not finished', () => {
  const tracker = new OffsetTracker()
  for (let offset = 0; offset < 50_000; offset++) tracker.begin(offset)
  for (let offset = 49_999; offset > 0; offset--) tracker.finish(offset)
  expect(tracker.finishedTo).toBeUndefined()
  tracker.finish(0)
  expect([tracker.finishedTo, tracker.pending]).toEqual([50_000, 0])
})
