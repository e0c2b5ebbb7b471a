import { backoffOf, retrying } from '@kafkado/core/internal'
import type { Runtime } from '@kafkado/core'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import { type Membership, type MembershipListener, noMember } from './membership.ts'

/** A membership without a group whose code is loaded when it starts. It is loaded again until that succeeds. */
export class DeferredMembership implements Membership {
  readonly identity = noMember
  readonly lastAnswerMs = undefined
  readonly #runtime: Runtime
  readonly #load: () => Promise<Membership>
  readonly #left = new AbortController()
  #loaded: Membership | undefined
  #problem: unknown

  constructor(runtime: Runtime, load: () => Promise<Membership>) {
    this.#runtime = runtime
    this.#load = load
  }

  get lookUps(): number | undefined {
    return this.#loaded ? this.#loaded.lookUps : 0
  }

  get problem(): unknown {
    return this.#loaded ? this.#loaded.problem : this.#problem
  }

  start(listener: MembershipListener): void {
    const [{ signal }, backoffMs] = [this.#left, backoffOf({}, this.#runtime)]
    const next = (error: unknown, attempt: number): number | undefined => {
      this.#problem = error
      return signal.aborted ? undefined : backoffMs(attempt, error)
    }
    retrying(this.#load, { clock: this.#runtime.clock, signal, next }).then(
      (membership) => {
        if (signal.aborted) return
        this.#loaded = membership
        membership.start(listener)
      },
      // It fails only when it is left meanwhile.
      () => undefined,
    )
  }

  acknowledge(owned: readonly AssignedPartition[]): void {
    this.#loaded?.acknowledge(owned)
  }

  async heartbeat(): Promise<void> {
    await this.#loaded?.heartbeat()
  }

  async idle(): Promise<void> {
    await this.#loaded?.idle()
  }

  async leave(deadline: AbortSignal, patience: AbortSignal): Promise<void> {
    this.#left.abort(new Error('the consumer stopped'))
    await this.#loaded?.leave(deadline, patience)
  }
}
