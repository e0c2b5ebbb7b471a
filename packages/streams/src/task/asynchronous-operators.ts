import type { AsynchronousWork } from '../processors/processor.ts'

/** Tracks the calls under way of a task's asynchronous operators. */
export class AsynchronousOperators implements AsynchronousWork {
  #count = 0
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []
  /** Whether the task was given up: results that come now go nowhere. */
  isOver = false
  /** Whether an operator is fully busy, so that the task takes no more records. */
  isFull = false

  get isBusy(): boolean {
    return this.#count > 0
  }

  begin(isFull: boolean): void {
    this.#count++
    this.isFull = isFull
  }

  end(isFull: boolean): void {
    this.#count--
    this.isFull = isFull
    this.#wake()
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake()
  }

  /** The task is given up. */
  stop(): void {
    this.isOver = true
    this.#wake()
  }

  /** Resolves when a call has completed or failed. */
  progress(): Promise<void> {
    if (this.#failure || this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Resolves when nothing is under way. @throws the error of an operator */
  async drain(): Promise<void> {
    while (this.#count > 0 && !this.#failure) await this.progress()
    this.throwIfFailed()
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
