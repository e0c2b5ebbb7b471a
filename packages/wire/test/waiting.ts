import type { AdjustableClock } from '@kafkado/core/internal'

/** A promise that a test settles by itself. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

export function deferred<T = void>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...(settle as Pick<Deferred<T>, 'resolve' | 'reject'>) }
}

/**
 * Whatever a promise comes to: its value, or the error that it was rejected with. Never rejects, so it can be left for
 * later.
 */
export function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/**
 * Fails with words instead of waiting for the test's timeout, which says nothing of what was waited for. The time only
 * limits how long a failing test takes.
 */
export async function within<T>(promise: Promise<T>, what: string, limitMs = 60_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${limitMs} ms still waiting: ${what}`)), limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Lets the event loop take in what sockets have for it, a few times over: for what must not happen, where there is no
 * event to wait for.
 */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/**
 * Puts the clock forward, a little at a time, until the promise has settled: for pauses between attempts that no test
 * should sit through.
 */
export async function hurrying<T>(clock: AdjustableClock, promise: Promise<T>): Promise<T> {
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  promise.then(end, end)
  for (let step = 0; step < 100 && !isOver; step++) {
    await turns()
    clock.advance(200)
  }
  return within(promise, 'what should have come within 20 s')
}

/** What can be waited for: changes are announced, and whoever waits looks again. */
export class Changes {
  readonly #waiting = new Set<() => void>()

  announce(): void {
    for (const look of this.#waiting) look()
  }

  /** Calls at each change, until the function that is returned is called. */
  listen(look: () => void): () => void {
    this.#waiting.add(look)
    return () => void this.#waiting.delete(look)
  }

  /** Resolves as soon as there is something to be found. */
  until<T>(find: () => T | undefined, what: () => string): Promise<T> {
    const found = new Promise<T>((resolve) => {
      const look = (): void => {
        const value = find()
        if (value === undefined) return
        this.#waiting.delete(look)
        resolve(value)
      }
      this.#waiting.add(look)
      look()
    })
    return within(found, '').catch(() => Promise.reject(new Error(`still waiting: ${what()}`)))
  }
}
