import { describe, expect, it } from 'vitest'
import { bounded, followingAll } from './bounded.ts'
import { ManualClock } from './manual-clock.ts'

/** Work that ignores its signal and never ends. */
function begin() {
  const clock = new ManualClock()
  const caller = new AbortController()
  const closing = new AbortController()
  const timedOut = new Error('too late')
  let inner: AbortSignal | undefined
  const work = (signal: AbortSignal): Promise<never> => {
    inner = signal
    return new Promise(() => undefined)
  }
  const signals = [undefined, caller.signal, closing.signal]
  const run = () => bounded(work, { clock, timeoutMs: 100, timedOut: () => timedOut, signals })
  return { clock, caller, closing, timedOut, run, inner: () => inner }
}

type World = Pick<ReturnType<typeof begin>, 'clock' | 'caller' | 'closing' | 'timedOut'>

const ends: Record<string, (world: World) => Promise<Error>> = {
  'its time': async ({ clock, timedOut }) => {
    await clock.advanceAsync(100)
    return timedOut
  },
  'its caller': async ({ caller }) => {
    const reason = new Error('enough')
    caller.abort(reason)
    return Promise.resolve(reason)
  },
  'what is closed': async ({ closing }) => {
    const reason = new Error('closed')
    closing.abort(reason)
    return Promise.resolve(reason)
  },
}

describe('bounded work', () => {
  it.each(Object.entries(ends))('ends with %s, and so does its signal', async (_, end) => {
    const world = begin()
    const outcome = world.run().catch((error: unknown) => error)
    await world.clock.advanceAsync(99)
    expect(world.inner()?.aborted).toBe(false)
    const reason = await end(world)
    expect(await outcome).toBe(reason)
    expect(world.inner()?.reason).toBe(reason)
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('is not begun when one of them is over already', async () => {
    const world = begin()
    world.closing.abort(new Error('closed'))
    await expect(world.run()).rejects.toThrow('closed')
    expect(world.inner()).toBe(undefined)
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('answers, and is told of nothing that comes later', async () => {
    const clock = new ManualClock()
    const caller = new AbortController()
    let inner: AbortSignal | undefined
    const bounds = { clock, timeoutMs: 100, timedOut: () => new Error('too late'), signals: [caller.signal] }
    const work = (signal: AbortSignal): Promise<number> => {
      inner = signal
      return Promise.resolve(5)
    }
    expect(await bounded(work, bounds)).toBe(5)
    expect(clock.pendingTimers).toBe(0)
    caller.abort()
    expect(inner?.aborted).toBe(false)
  })
})

describe('work that follows several signals', () => {
  it.each(Object.entries(ends))('ends with %s as it likes', async (_, end) => {
    const { clock, caller, closing, timedOut } = begin()
    const told: unknown[] = []
    const work = (signal: AbortSignal): Promise<string> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          told.push(signal.reason)
          resolve('done all the same')
        })
      })
    const signals = [undefined, caller.signal, closing.signal]
    const outcome = followingAll(work, { clock, timeoutMs: 100, timedOut: () => timedOut, signals })
    await clock.advanceAsync(99)
    expect(told).toEqual([])
    const reason = await end({ clock, caller, closing, timedOut })
    expect(await outcome).toBe('done all the same')
    expect(told).toEqual([reason])
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits for as long as it takes where no time is said', async () => {
    const { clock, caller } = begin()
    const outcome = followingAll((signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)), {
      clock,
      signals: [caller.signal],
    }).catch(() => 'ended')
    expect(clock.pendingTimers).toBe(0)
    caller.abort()
    expect(await outcome).toBe('ended')
  })
})
