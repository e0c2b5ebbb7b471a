import { platform } from '../platform.ts'
import type { Plan } from '../plan/plan.ts'

/** The plan by which an application runs, and its file, if there is one: with what was made since the start. */
export class KeptPlan {
  readonly #path: string | undefined
  #plan: Plan
  #written: Promise<void> = Promise.resolve()

  constructor(path: string | undefined, plan: Plan) {
    this.#path = path
    this.#plan = plan
  }

  get plan(): Plan {
    return this.#plan
  }

  /**
   * A member has made internal topics that were not there before.
   *
   * @param onFailure told why the file could not be written
   */
  take(plan: Plan, onFailure: (error: unknown) => void): void {
    this.#plan = plan
    void this.write().catch(onFailure)
  }

  /** One write after the other. */
  write(): Promise<void> {
    const path = this.#path
    if (path === undefined) return Promise.resolve()
    const written = this.#written.then(() => platform.writePlan(path, this.#plan))
    this.#written = written.catch(() => undefined)
    return written
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.#written
  }
}
