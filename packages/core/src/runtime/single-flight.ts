/**
 * Work that is under way once at a time: who asks for it meanwhile shares it, or has it done once more.
 *
 * It is over before anyone who waits for it is told, so whoever asks in answer to that begins it anew. A field that is
 * cleared by `finally()` is cleared some microtasks after the work has looked for the last time: what asks in between
 * is taken for served and never is. {@link again} has no such gap, whenever it is called.
 */
export class SingleFlight<T = void> {
  #present: Promise<T> | undefined
  #next: Promise<T> | undefined
  #beginNext: (() => void) | undefined

  /** What is under way, if anything is. */
  get present(): Promise<T> | undefined {
    return this.#present
  }

  /**
   * Shares what is under way, else begins. For work that may have begun before the caller had a reason to ask: what it
   * finds then counts for the caller too.
   */
  join(work: () => Promise<T>): Promise<T> {
    return this.#present ?? this.#begin(work)
  }

  /** Resolves as work that begins now or later, after what is under way. All who ask meanwhile share it. */
  again(work: () => Promise<T>): Promise<T> {
    if (!this.#present) return this.#begin(work)
    this.#next ??= new Promise((resolve) => {
      this.#beginNext = () => resolve(this.#begin(work))
    })
    return this.#next
  }

  /** Resolves when nothing is under way or asked for any more, however it ended. */
  async idle(): Promise<void> {
    while (this.#present) await this.#present.catch(() => undefined)
  }

  #begin(work: () => Promise<T>): Promise<T> {
    this.#present = started(work).then(
      (result) => {
        this.#over()
        return result
      },
      (error: unknown) => {
        this.#over()
        throw error
      },
    )
    return this.#present
  }

  /** In one step, so that whoever asks finds either what is over or what has begun since. */
  #over(): void {
    const begin = this.#beginNext
    this.#present = this.#next = this.#beginNext = undefined
    begin?.()
  }
}

/** Work that fails before it has a promise fails as any other. */
function started<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error as Error)
  }
}
