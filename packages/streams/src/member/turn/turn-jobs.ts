/** Jobs to run between two turns of a member's loop, one after the other. */
export class TurnJobs {
  #jobs: { readonly act: () => Promise<void>; readonly resolve: () => void }[] = []
  readonly #onAdded: () => void
  #isOver = false

  /** @param onAdded wakes the loop */
  constructor(onAdded: () => void) {
    this.#onAdded = onAdded
  }

  /** Resolves when the job is done, has failed or was dropped. Does not fail: the loop gets the error. */
  add(act: () => Promise<void>): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    return new Promise((resolve) => {
      this.#jobs.push({ act, resolve })
      this.#onAdded()
    })
  }

  /** Runs the next job; undefined when there is none. @throws the error of the job */
  next(): Promise<void> | undefined {
    const job = this.#jobs.shift()
    return job && job.act().finally(job.resolve)
  }

  /** Drops the jobs; their callers stop waiting. */
  drop(): void {
    for (const { resolve } of this.#jobs.splice(0)) resolve()
  }

  /** There are no further turns: from now on no job runs, and nobody waits. */
  end(): void {
    this.#isOver = true
    this.drop()
  }
}
