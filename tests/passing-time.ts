import { setImmediate as turn } from 'node:timers/promises'
import type { Clock, Interceptor } from '@kafkado/core'
import type { ManualClock } from '@kafkado/testing'

/**
 * So long, in real time, nothing may stand between a test and its clock; whatever does by then waits for that clock
 * itself.
 */
const longestHoldMs = 30_000

/**
 * The requests between clients and an engine. A socket and a disk take real time, in which a clock that is advanced by
 * hand must stand still: otherwise it has gone past every timeout before an answer was read.
 */
export class Traffic {
  static readonly #all = new Set<Traffic>()
  /** What clients have asked, and have no answer to; and which of that may wait in the engine. */
  readonly #asked = new Map<object, { readonly name: string; readonly isPoll: boolean }>()
  /** What waits within the engine until its clock goes on or something happens. */
  #parked = 0
  readonly #engineClock: Clock | undefined

  /** @param engineClock by which the engine lets requests wait */
  constructor(engineClock: Clock | undefined) {
    this.#engineClock = engineClock
    Traffic.#all.add(this)
  }

  /** Goes around what the clients send by. */
  readonly atClients: Interceptor = (next) => async (operation, request, options) => {
    const asked = {}
    this.#asked.set(asked, { name: operation.name, isPoll: operation.longPollMs(request) > 0 })
    try {
      return await next(operation, request, options)
    } finally {
      this.#asked.delete(asked)
    }
  }

  /** Goes around the engine. */
  readonly atEngine: Interceptor = (next) => async (operation, request, options) => {
    if (operation.longPollMs(request) === 0) return next(operation, request, options)
    this.#parked++
    try {
      return await next(operation, request, options)
    } finally {
      this.#parked--
    }
  }

  /** Nothing of it counts any longer. */
  end(): void {
    Traffic.#all.delete(this)
  }

  /** The requests that keep this clock from going on. Long polls do not, where it is this clock that they wait for. */
  static holding(clock: Clock): string[] {
    return [...Traffic.#all].flatMap((traffic) => {
      const asked = [...traffic.#asked.values()]
      const polls = asked.filter(({ isPoll }) => isPoll)
      const areParked = traffic.#engineClock === clock && polls.length === traffic.#parked
      return asked.filter(({ isPoll }) => !isPoll || !areParked).map(({ name }) => name)
    })
  }
}

/**
 * Gives everything its turn, with time standing still unless a clock is given, which then goes on by `stepMs` each
 * turn, until it is so. The clock waits for requests that are being carried, answered or written to a disk.
 *
 * @throws when a request is not answered in real time: it waits for the clock, which waits for it
 */
export async function until(isSo: () => boolean | Promise<boolean>, clock?: ManualClock, stepMs = 5): Promise<void> {
  let advancedMs = performance.now()
  while (!(await isSo())) {
    if (clock) {
      const holding = Traffic.holding(clock)
      const nowMs = performance.now()
      if (holding.length === 0) {
        clock.advance(stepMs)
        advancedMs = nowMs
      } else if (nowMs - advancedMs > longestHoldMs) {
        throw new Error(`the clock was held for ${longestHoldMs} ms by ${holding.join(', ')}`)
      }
    }
    await turn()
  }
}

/** What the promise comes to, with time going on meanwhile. */
export async function inTime<T>(promise: Promise<T>, clock: ManualClock, stepMs = 5): Promise<T> {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  promise.then(settled, settled)
  await until(() => isSettled, clock, stepMs)
  return promise
}

/** Lets so much time pass, at the pace of what is asked meanwhile. */
export async function pass(byMs: number, clock: ManualClock, stepMs = 5): Promise<void> {
  const endMs = clock.monotonic() + byMs
  await until(() => clock.monotonic() >= endMs, clock, stepMs)
}
