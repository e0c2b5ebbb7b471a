/** What is to be done between two turns of a member's loop, one after the other. */
export class TurnJobs {
  #jobs: { readonly act: () => Promise<void>; readonly resolve: () => void }[] = []
  readonly #onAdded: () => void
  #isOver = false

  /** @param onAdded wakes the loop */
  constructor(onAdded: () => void) {
    this.#onAdded = onAdded
  }

  /** Resolves when it was done, has failed or is no longer to be done. Does not fail: that is for the loop. */
  add(act: () => Promise<void>): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    return new Promise((resolve) => {
      this.#jobs.push({ act, resolve })
      this.#onAdded()
    })
  }

  /** Does the next one; undefined when there is none. @throws what it fails with */
  next(): Promise<void> | undefined {
    const job = this.#jobs.shift()
    return job && job.act().finally(job.resolve)
  }

  /** They need not be done any more; whoever waits for them is let go. */
  drop(): void {
    for (const { resolve } of this.#jobs.splice(0)) resolve()
  }

  /** There are no turns any more: nothing is done from now on, and nobody waits. */
  end(): void {
    this.#isOver = true
    this.drop()
  }
}
