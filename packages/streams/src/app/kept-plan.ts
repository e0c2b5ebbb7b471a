import { platform } from '../platform.ts'
import type { Plan } from '../plan/plan.ts'

/** The plan of a running application, and its file if it has one. Includes what members made since the start. */
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
   * A member has made internal topics that were missing.
   *
   * @param onFailure learns why the file could not be written
   */
  take(plan: Plan, onFailure: (error: unknown) => void): void {
    this.#plan = plan
    void this.write().catch(onFailure)
  }

  /** Writes one after the other. */
  write(): Promise<void> {
    const path = this.#path
    if (path === undefined) return Promise.resolve()
    const written = this.#written.then(() => platform.writePlan(path, this.#plan))
    this.#written = written.catch(() => undefined)
    return written
  }

  /** Resolves when no write is under way. */
  idle(): Promise<void> {
    return this.#written
  }
}
