/**
 * Tells those who wait for records when to look again: some may have come, reading has failed, or it has ended. Whoever
 * brings records and whoever gives them out need not know each other for that.
 */
export class Arrivals {
  #waiting: (() => void)[] = []
  #failure: { readonly error: unknown } | undefined
  #isEnded = false

  /** Whether somebody waits for a record. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether it neither failed nor ended. */
  get isOpen(): boolean {
    return !this.#failure && !this.#isEnded
  }

  get failure(): unknown {
    return this.#failure?.error
  }

  /** @throws what makes reading impossible, until it has ended */
  requireReadable(): void {
    if (this.#failure && !this.#isEnded) throw this.#failure.error
  }

  /** Resolves when something may be given out, or the deadline is over. */
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

  /** Something may be given out. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Whoever asks from now on gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.wake()
  }

  end(): void {
    this.#isEnded = true
    this.wake()
  }
}
