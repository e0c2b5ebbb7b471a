/** The most failures to keep for a later flush. */
const mostKept = 1000

/**
 * Knows which sends somebody waits for. A failed send that nobody awaits is an unhandled rejection, as any other
 * promise. A later call of `flush()`, `ready()` or `close()` also counts as waiting, and such a failure must not end
 * the process: it is counted in the metrics and published on `kafkado:producer:failed`.
 */
export class UnawaitedSends {
  #made = 0
  #attended = 0
  readonly #failed: Promise<unknown>[] = []

  /** Numbers the sends of one producer. */
  next(): number {
    return ++this.#made
  }

  /** Somebody waits for all sends so far. */
  attend(): void {
    this.#attended = this.#made
    for (const promise of this.#failed.splice(0)) promise.catch(ignored)
  }

  /** Call it when the promise of a send is about to reject, or has rejected in this turn. */
  failing(promise: Promise<unknown>, place: number): void {
    if (place <= this.#attended) promise.catch(ignored)
    else if (this.#failed.push(promise) > mostKept) void this.#failed.shift()
  }
}

function ignored(): void {
  // Metrics and the diagnostics channel have reported it.
}
