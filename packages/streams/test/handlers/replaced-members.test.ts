import { seededRandom } from '@kafkado/core'
import type { UncaughtAnswer, UncaughtHandler } from '@kafkado/streams'
import { ReplaceableMember } from '@kafkado/streams/internal'
import { ManualClock } from '@kafkado/testing'
import { describe, expect, it } from 'vitest'

type Parts = ConstructorParameters<typeof ReplaceableMember>[0]
type Events = Parameters<Parts['make']>[0]

/** The place of members that do only what the test tells them. */
class Place {
  readonly clock = new ManualClock()
  readonly told: string[] = []
  /** The members made so far, in order. */
  readonly made: { readonly events: Events; readonly isPaused: boolean; readonly isClosed: () => boolean }[] = []
  readonly place: ReplaceableMember
  /** The result of the next member's start. */
  starting: () => Promise<void> = () => Promise.resolve()
  /** The result of making the next member. */
  making: () => void = () => undefined
  closing: () => Promise<void> = () => Promise.resolve()

  constructor(onUncaughtError: UncaughtAnswer | UncaughtHandler) {
    this.place = new ReplaceableMember({
      make: (events) => this.#make(events),
      events: {
        meter: { isWanted: () => false, publish: () => undefined },
        onTasks: () => void this.told.push('tasks'),
        onRestore: () => undefined,
        onPlan: () => undefined,
        onError: (error) => void this.told.push(`error: ${(error as Error).message}`),
        onFailure: (error) => void this.told.push(`failed: ${(error as Error).message}`),
        onReplacing: (error) => void this.told.push(`replacing: ${(error as Error).message}`),
      },
      onUncaughtError,
      runtime: { clock: this.clock, random: { ...seededRandom(1), next: () => 0.5 } },
    })
  }

  fail(text = 'bad luck'): void {
    this.made.at(-1)?.events.onFailure(new Error(text))
  }

  /** Lets everything continue that does not wait for the clock. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }

  /** The time until the next member is made. */
  async waitForNext(): Promise<number> {
    await this.settle()
    const [count, beginMs] = [this.made.length, this.clock.monotonic()]
    while (this.made.length === count) {
      if (this.clock.monotonic() - beginMs > 60_000) throw new Error('no next member is made')
      this.clock.advance(10)
      await this.settle()
    }
    return this.clock.monotonic() - beginMs
  }

  #make(events: Events): ReturnType<Parts['make']> {
    this.making()
    let isClosed = false
    const made = { events, isPaused: false, isClosed: () => isClosed }
    this.made.push(made)
    return {
      start: () => this.starting(),
      tasks: () => Promise.resolve([]),
      query: () => Promise.resolve(undefined),
      pause: (isPaused) => {
        made.isPaused = isPaused
        return Promise.resolve()
      },
      close: async () => {
        await this.closing()
        isClosed = true
      },
    }
  }
}

describe('the place of a member', () => {
  it('ends the application with the error by default, and makes no other member', async () => {
    const test = new Place('shutDown')
    await test.place.start()
    test.fail()
    test.fail('and again')
    test.clock.advance('10m')
    await test.settle()
    expect([test.told, test.made.length]).toEqual([['failed: bad luck'], 1])
  })

  it('replaces a member once it is closed, ever more slowly while it fails again and again', async () => {
    const test = new Place('replace')
    await test.place.start()
    const waits: number[] = []
    for (let failure = 0; failure < 11; failure++) {
      test.fail()
      waits.push(await test.waitForNext())
      expect(test.made.at(-2)?.isClosed()).toBe(true)
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
    expect(test.told.filter((one) => one !== 'tasks')).toEqual(Array(11).fill('replacing: bad luck'))
  })

  it('counts failures anew after a minute without one, and tells how many there were', async () => {
    const counts: number[] = []
    const test = new Place((_error, failures) => {
      counts.push(failures)
      return 'replace'
    })
    await test.place.start()
    for (const calmMs of [0, 0, 59_000, 60_000, 0]) {
      test.clock.advance(calmMs)
      test.fail()
      await test.waitForNext()
    }
    expect(counts).toEqual([1, 2, 3, 1, 2])
  })

  it('does not begin the next member before the last one is closed', async () => {
    const test = new Place('replace')
    let onClosed!: () => void
    test.closing = () => new Promise((resolve) => (onClosed = resolve))
    await test.place.start()
    test.fail()
    await test.settle()
    test.clock.advance('10m')
    await test.settle()
    expect([test.made.length, test.place.isReplacing]).toEqual([1, true])
    onClosed()
    await test.waitForNext()
    expect([test.made.length, test.place.isReplacing]).toEqual([2, false])
  })

  it('takes no notice of what a member tells whose place is taken', async () => {
    const test = new Place('replace')
    await test.place.start()
    const [first] = test.made
    test.fail()
    first?.events.onFailure(new Error('while it is closed'))
    await test.waitForNext()
    first?.events.onFailure(new Error('later'))
    await test.settle()
    expect(test.told.filter((one) => one !== 'tasks')).toEqual(['replacing: bad luck'])
    expect(test.made).toHaveLength(2)
  })

  it('counts as started while what has failed to start is replaced, be it by telling or by a rejection', async () => {
    const test = new Place('replace')
    let failuresLeft = 2
    test.starting = () => {
      if (failuresLeft-- <= 0) return Promise.resolve()
      if (failuresLeft === 0) return Promise.reject(new Error('no table'))
      test.fail('no topic')
      return Promise.resolve()
    }
    await test.place.start()
    expect([test.told, test.place.isReplacing]).toEqual([['replacing: no topic'], true])
    await test.waitForNext()
    await test.waitForNext()
    // It may have no tasks, and so report nothing by itself.
    expect(test.told).toEqual(['replacing: no topic', 'replacing: no table', 'tasks'])
    expect(test.place.isReplacing).toBe(false)
  })

  it.each(['making', 'starting'] as const)('can be closed while no %s of a member succeeds', async (step) => {
    const test = new Place('replace')
    test[step] = () => {
      throw new Error('never')
    }
    await test.place.start()
    for (let failure = 1; failure < 5; failure++) {
      await test.settle()
      test.clock.advance('30s')
    }
    await test.settle()
    await test.place.close()
    expect([test.told, test.clock.pendingTimers]).toEqual([Array(5).fill('replacing: never'), 0])
  })

  it('replaces what cannot be made as what fails later, at the start and afterwards', async () => {
    const counts: number[] = []
    const test = new Place((_error, failures) => {
      counts.push(failures)
      return 'replace'
    })
    let makings = 0
    const failing = new Set([1, 2, 4, 5])
    test.making = () => {
      if (failing.has(++makings)) throw new Error(`no ${makings}`)
    }
    await test.place.start()
    const waits = [await test.waitForNext()]
    test.fail()
    waits.push(await test.waitForNext())
    await test.place.close()
    expect(waits).toEqual([100 + 200, 400 + 800 + 1600])
    expect(counts).toEqual([1, 2, 3, 4, 5])
    expect(test.told).toEqual([
      'replacing: no 1',
      'replacing: no 2',
      'tasks',
      'replacing: bad luck',
      'replacing: no 4',
      'replacing: no 5',
      'tasks',
    ])
  })

  it('ends the application with the error where a member cannot be made, by default', async () => {
    const test = new Place('shutDown')
    test.making = () => {
      throw new Error('never')
    }
    await test.place.start()
    await test.place.close()
    expect(test.told).toEqual(['failed: never'])
  })

  it('tells what keeps a member from closing well, and makes the next one and closes all the same', async () => {
    const test = new Place('replace')
    let closings = 0
    test.closing = () => Promise.reject(new Error(`closing ${++closings}`))
    await test.place.start()
    test.fail()
    await test.waitForNext()
    await test.place.close()
    expect(test.told).toEqual(['replacing: bad luck', 'error: closing 1', 'tasks', 'error: closing 2'])
  })

  it('goes on with a member that tells an error which ends nothing, and asks nobody', async () => {
    const test = new Place(() => {
      throw new Error('nobody asks')
    })
    await test.place.start()
    test.made[0]?.events.onError(new Error('a file is gone'))
    await test.settle()
    expect([test.told, test.made.length]).toEqual([['error: a file is gone'], 1])
  })

  it('does not wait for the clock when it is closed, and makes no other member', async () => {
    const test = new Place('replace')
    await test.place.start()
    test.fail()
    await test.settle()
    await test.place.close()
    test.clock.advance('10m')
    await test.settle()
    expect([test.made.length, test.made[0]?.isClosed(), test.clock.pendingTimers]).toEqual([1, true, 0])
  })

  it('is paused with its next member as it was with the one before', async () => {
    const test = new Place('replace')
    await test.place.start()
    await test.place.pause(true)
    test.fail()
    await test.waitForNext()
    expect(test.made.map(({ isPaused }) => isPaused)).toEqual([true, true])
    await test.place.pause(false)
    test.fail()
    await test.waitForNext()
    expect(test.made.map(({ isPaused }) => isPaused)).toEqual([true, false, false])
    await test.place.close()
  })

  it('does not ask what becomes of a member that fails while it is closed', async () => {
    const test = new Place(() => {
      throw new Error('nobody asks')
    })
    await test.place.start()
    const closing = test.place.close()
    test.fail()
    await closing
    // It is reported, and ends nothing more.
    expect(test.told).toEqual(['error: bad luck'])
  })

  it.each([
    {
      name: 'throws',
      handler: () => {
        throw new Error('lost')
      },
      said: 'threw: lost',
    },
    {
      name: 'answers with a promise',
      handler: () => Promise.reject(new Error('later')),
      said: 'answered with a Promise',
    },
    { name: 'answers nothing', handler: () => undefined, said: 'answered undefined; it has to answer one of' },
    { name: 'answers nonsense', handler: () => 'restart', said: 'answered "restart"; it has to answer one of' },
  ])('ends the application with both errors where the function $name', async ({ handler, said }) => {
    const test = new Place(handler as unknown as UncaughtHandler)
    await test.place.start()
    test.fail()
    await test.settle()
    expect(test.told).toHaveLength(1)
    expect(test.told[0]).toContain(`failed: bad luck; and onUncaughtError ${said}`)
  })
})
