/** More failures than this are not kept for a flush that may follow. */
const mostKept = 1000

/**
 * Knows which sends somebody has looked after. A send that fails and that nobody awaits is an unhandled rejection, as
 * loud as any other; but who calls `flush()`, `ready()` or `close()` after it waits for it in another way, and must not
 * have the process ended by it. Such failures are counted in the metrics and published on `kafkado:producer:failed`.
 */
export class UnawaitedSends {
  #made = 0
  #attended = 0
  readonly #failed: Promise<unknown>[] = []

  /** The place of a send among all of its producer. */
  next(): number {
    return ++this.#made
  }

  /** All sends so far are looked after. */
  attend(): void {
    this.#attended = this.#made
    for (const promise of this.#failed.splice(0)) promise.catch(ignored)
  }

  /** To be called when the promise of a send is about to reject, or has rejected in this turn. */
  failing(promise: Promise<unknown>, place: number): void {
    if (place <= this.#attended) promise.catch(ignored)
    else if (this.#failed.push(promise) > mostKept) void this.#failed.shift()
  }
}

function ignored(): void {
  // It was told in other ways.
}
