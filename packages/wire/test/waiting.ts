import type { AdjustableClock } from '@kafkado/core/internal'

/** A promise that the test settles. */
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

/** A promise's value, or the error that rejected it. Never rejects, so you can await it later. */
export function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/**
 * Fails with a clear message before the test's own timeout, which would not say what was missing. The limit matters
 * only for failing tests.
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
 * Lets the event loop process what sockets have received, a few times. For things that must not happen, where there is
 * no event to wait for.
 */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/**
 * Puts the clock forward, step by step, until the promise has settled, so that no test waits for pauses between
 * attempts.
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

/** Announces changes, so that waiting code looks again. */
export class Changes {
  readonly #waiting = new Set<() => void>()

  announce(): void {
    for (const look of this.#waiting) look()
  }

  /** Calls the function at each change, until the returned function is called. */
  listen(look: () => void): () => void {
    this.#waiting.add(look)
    return () => void this.#waiting.delete(look)
  }

  /** Resolves as soon as `find` finds something. */
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
