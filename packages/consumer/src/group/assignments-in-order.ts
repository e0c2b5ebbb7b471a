import type { AssignedPartition } from '../partition/topic-partition.ts'
import { type MembershipListener, noListener } from './membership.ts'

/**
 * The assignments that a member gets, carried out by its listener one after the other. Of those that come meanwhile,
 * only the last counts. Once all was lost, the next one waits until the listener has been told.
 */
export class AssignmentsInOrder {
  #listener: MembershipListener = noListener
  #owned: readonly AssignedPartition[] = []
  #target: readonly AssignedPartition[] | undefined
  /**
   * The assignment that is being carried out. Reported as owned from the moment of its answer: the group gives
   * partitions that a member does not report to others.
   */
  #taking: readonly AssignedPartition[] = []
  #reconciling: Promise<void> | undefined
  #telling: Promise<unknown> = Promise.resolve()
  #isOver = false

  start(listener: MembershipListener): void {
    this.#listener = listener
  }

  /** Both owned and coming partitions: for a moment that includes a recreated topic next to its former one. */
  get claimed(): readonly AssignedPartition[] {
    return [...this.#owned, ...this.#taking, ...(this.#target ?? [])]
  }

  /** Records what is owned now. */
  acknowledge(owned: readonly AssignedPartition[]): void {
    this.#owned = owned
  }

  carryOut(target: readonly AssignedPartition[]): void {
    this.#target = target
    this.#reconciling ??= this.#reconcile()
  }

  /** Owns nothing from the call on, and does not wait for the listeners who hear of it. */
  lose(): void {
    this.#target = undefined
    this.#taking = []
    this.#owned = []
    const told = this.#listener.onLost().catch((failure: unknown) => this.#listener.onFailure(failure))
    this.#telling = Promise.all([this.#telling, told])
  }

  /** Resolves when no listener is running. */
  async idle(): Promise<void> {
    await this.#telling
    await this.#reconciling
  }

  /** The member leaves: nobody hears of failures any more. */
  end(): void {
    this.#isOver = true
  }

  async #reconcile(): Promise<void> {
    try {
      await this.#telling
      for (let target = this.#target; target; target = this.#target) {
        this.#target = undefined
        this.#taking = target
        await this.#listener.onAssignment(target)
        await this.#telling
      }
    } catch (error) {
      if (!this.#isOver) this.#listener.onFailure(error)
    } finally {
      this.#taking = []
      // Directly after the last look at the target, so that no new one can come in between.
      this.#reconciling = undefined
    }
  }
}
