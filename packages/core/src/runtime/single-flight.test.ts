import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SingleFlight } from './single-flight.ts'

/** More microtasks than anything here takes to be over and told. */
const mostTurns = 30

/**
 * Each of these ends after its number of microtasks; a failing one fails then, `at once` throws instead of a promise.
 */
type End = 'well' | 'badly' | 'at once'

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

/** A flight of which every beginning and end is counted in asks. */
class Watched {
  readonly flight = new SingleFlight<number>()
  begun = 0
  underWay = 0
  mostAtOnce = 0
  readonly #turns: number
  readonly #end: End

  constructor(count: number, end: End) {
    this.#turns = count
    this.#end = end
  }

  readonly work = (): Promise<number> => {
    const run = ++this.begun
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.underWay)
    if (this.#end !== 'at once') return this.#run(run)
    this.underWay--
    throw new Error(`run ${run}`)
  }

  async #run(run: number): Promise<number> {
    await turns(this.#turns)
    this.underWay--
    if (this.#end === 'badly') throw new Error(`run ${run}`)
    return run
  }
}

/** Which run a promise was of. */
function runOf(promise: Promise<number>): Promise<number> {
  return promise.catch((error: unknown) => Number(/^run (\d+)$/.exec((error as Error).message)?.[1]))
}

const ends: readonly End[] = ['well', 'badly', 'at once']
const lengths = [0, 1, 2, 5]
const cases = ends.flatMap((end) => lengths.map((length) => ({ end, length })))

describe('a single flight', () => {
  it.each(cases)(
    'of work that ends $end after $length turns: who asks again, at whatever moment, is served by work that begins after it',
    async ({ end, length }) => {
      for (let moment = 0; moment < mostTurns; moment++) {
        const watched = new Watched(length, end)
        const first = runOf(watched.flight.join(watched.work))
        await turns(moment)
        const before = watched.begun
        const second = runOf(watched.flight.again(watched.work))
        expect([await first, await second], `asked ${moment} turns later`).toEqual([1, before + 1])
        expect(watched.mostAtOnce).toBe(1)
        expect(watched.flight.present).toBeUndefined()
      }
    },
  )

  it.each(cases)(
    'of work that ends $end after $length turns: who joins shares what is under way, else begins',
    async ({ end, length }) => {
      for (let moment = 0; moment < mostTurns; moment++) {
        const watched = new Watched(length, end)
        const first = runOf(watched.flight.join(watched.work))
        await turns(moment)
        const isUnderWay = watched.flight.present !== undefined
        const second = runOf(watched.flight.join(watched.work))
        expect(await first).toBe(1)
        expect(await second, `asked ${moment} turns later`).toBe(isUnderWay ? 1 : 2)
        expect(watched.mostAtOnce).toBe(1)
      }
    },
  )

  it.each(cases)(
    'of work that ends $end after $length turns is over before anyone is told',
    async ({ end, length }) => {
      const watched = new Watched(length, end)
      const told: (Promise<number> | undefined)[] = []
      const tell = (): void => void told.push(watched.flight.present)
      const asked = [watched.flight.join(watched.work), watched.flight.join(watched.work)]
      await Promise.all(asked.map((one) => one.then(tell, tell)))
      expect(told).toEqual([undefined, undefined])
    },
  )

  it('serves everybody whatever is asked when, with no more runs than that takes', async () => {
    const ask = fc.record({ at: fc.nat(12), how: fc.constantFrom('join' as const, 'again' as const) })
    const given = [fc.array(ask, { minLength: 1, maxLength: 8 }), fc.nat(4), fc.constantFrom(...ends)] as const
    await fc.assert(
      fc.asyncProperty(...given, async (asks, length, end) => {
        const watched = new Watched(length, end)
        const served = asks.map(async ({ at, how }) => {
          await turns(at)
          const before = watched.begun
          const isUnderWay = watched.flight.present !== undefined
          const run = await runOf(watched.flight[how](watched.work))
          return { how, run, least: how === 'join' && isUnderWay ? before : before + 1, before }
        })
        for (const { run, least, before } of await Promise.all(served)) {
          expect(run).toBeGreaterThanOrEqual(least)
          expect(run).toBeLessThanOrEqual(before + 1)
        }
        await watched.flight.idle()
        expect(watched.flight.present).toBeUndefined()
        expect(watched.mostAtOnce).toBe(1)
        expect(watched.underWay).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('is idle when what was asked for meanwhile is over too', async () => {
    const watched = new Watched(3, 'badly')
    const asked = [watched.flight.join(watched.work), watched.flight.again(watched.work)].map(runOf)
    await watched.flight.idle()
    expect(watched.begun).toBe(2)
    expect(watched.underWay).toBe(0)
    expect(await Promise.all(asked)).toEqual([1, 2])
  })

  it('is idle at once when nothing was asked for', async () => {
    await new SingleFlight().idle()
  })
})
