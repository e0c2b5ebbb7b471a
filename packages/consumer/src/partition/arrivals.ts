/**
 * Tells waiting readers when to look again: records may have arrived, reading has failed, or it has ended. It keeps the
 * code that brings records independent of the code that gives them out.
 */
export class Arrivals {
  #waiting: (() => void)[] = []
  #failure: { readonly error: unknown } | undefined
  #isEnded = false

  /** Whether somebody is waiting for a record. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether reading has neither failed nor ended. */
  get isOpen(): boolean {
    return !this.#failure && !this.#isEnded
  }

  get failure(): unknown {
    return this.#failure?.error
  }

  /** @throws the error that makes reading impossible, until reading has ended */
  requireReadable(): void {
    if (this.#failure && !this.#isEnded) throw this.#failure.error
  }

  /** Resolves when a record may be ready, or the deadline is over. */
  next(deadline?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        deadline?.removeEventListener('abort', done)
        resolve()
      }
      deadline?.addEventListener('abort', done, { once: true })
      this.#waiting.push(done)
    })
  }

  /** A record may be ready. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Every later call gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.wake()
  }

  end(): void {
    this.#isEnded = true
    this.wake()
  }
}
