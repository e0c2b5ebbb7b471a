import { KafkaError, type Runtime, type Timer } from '@kafkado/core'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import { type MemberIdentity, type Membership, type MembershipListener, noListener } from './membership.ts'

/**
 * Maps assigned partitions to other partitions that the member reads instead. All members of the group have to use the
 * same mapping.
 */
export interface DerivedPartitions {
  of(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]>
  /** How often to compute the mapping again: its result may change without a new assignment. Infinity if it cannot. */
  readonly refreshMs: number
}

interface DerivedParts {
  /** The membership whose assignment is mapped. */
  readonly group: Membership
  readonly derived: DerivedPartitions
  readonly runtime: Pick<Runtime, 'clock'>
}

/**
 * Reads partitions derived from those that the group has assigned. To the group, the member owns its assigned
 * partitions.
 */
export class DerivedMembership implements Membership {
  readonly #group: Membership
  readonly #derived: DerivedPartitions
  readonly #runtime: Pick<Runtime, 'clock'>
  #listener = noListener
  /** The assigned partitions that the member may still own, and those that it is to own now. */
  #assigned: readonly AssignedPartition[] = []
  #target: readonly AssignedPartition[] = []
  #losses = 0
  /** Runs changes one after the other, whoever asked for them. */
  #changing: Promise<void> = Promise.resolve()
  /** Whether a check is planned that has not begun. */
  #willLook = false
  #timer: Timer | undefined
  #isLeaving = false

  constructor({ group, derived, runtime }: DerivedParts) {
    this.#group = group
    this.#derived = derived
    this.#runtime = runtime
  }

  get identity(): MemberIdentity {
    return this.#group.identity
  }

  get lastAnswerMs(): number | undefined {
    return this.#group.lastAnswerMs
  }

  get lookUps(): number | undefined {
    return this.#group.lookUps
  }

  get problem(): unknown {
    return this.#group.problem
  }

  start(listener: MembershipListener): void {
    this.#listener = listener
    this.#group.start({
      onAssignment: (target) => {
        this.#target = target
        return this.#inTurn(() => this.#take(target))
      },
      // Assignments of other members may change the mapping too.
      onEpoch: () => this.#lookAgain(),
      onLost: () => {
        this.#losses++
        this.#assigned = this.#target = []
        return listener.onLost()
      },
      onFailure: (error) => listener.onFailure(error),
      onPageHide: () => listener.onPageHide?.(),
    })
    this.#planLook()
  }

  /** During a change, a formerly assigned partition stays owned until it is no longer read. */
  acknowledge(read: readonly AssignedPartition[]): void {
    const isRead = new Set(read.map(nameOf))
    const kept = this.#assigned.filter((one) => isRead.has(nameOf(one)))
    this.#group.acknowledge([
      ...kept,
      ...this.#target.filter((one) => !kept.some((two) => nameOf(two) === nameOf(one))),
    ])
  }

  heartbeat(): Promise<void> {
    return this.#group.heartbeat()
  }

  async idle(): Promise<void> {
    await this.#group.idle()
    await this.#changing
  }

  leave(deadline: AbortSignal, patience: AbortSignal): Promise<void> {
    this.#isLeaving = true
    this.#timer?.cancel()
    return this.#group.leave(deadline, patience)
  }

  async #take(target: readonly AssignedPartition[]): Promise<void> {
    const losses = this.#losses
    const isLost = (): boolean => this.#losses !== losses
    // The group has changed the assignment since.
    if (target !== this.#target) return
    const read = await this.#derived.of(target).catch((error: unknown) => {
      // The assignment is lost, and its error with it.
      if (!isLost()) throw error
    })
    if (!read || isLost()) return
    await this.#listener.onAssignment(read)
    if (isLost()) return
    this.#assigned = target
    // The partitions to read may be the same although the assigned ones changed, so tell the group in any case.
    this.#group.acknowledge(target)
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  /**
   * Checks whether the assignment still maps to the same partitions. A temporary error is no failure: the next check
   * comes.
   */
  #lookAgain(): void {
    if (this.#willLook || this.#isLeaving) return
    this.#willLook = true
    void this.#inTurn(async () => {
      this.#willLook = false
      // An assignment that is on its way is mapped when it is taken.
      if (this.#target !== this.#assigned || this.#assigned.length === 0) return
      await this.#take(this.#assigned)
    }).catch((error: unknown) => {
      if (this.#isLeaving || (KafkaError.is(error) && error.retriable)) return
      this.#listener.onFailure(error)
    })
  }

  #planLook(): void {
    const { refreshMs } = this.#derived
    if (refreshMs === Infinity || this.#isLeaving) return
    const look = (): void => {
      this.#lookAgain()
      this.#planLook()
    }
    this.#timer = this.#runtime.clock.schedule(refreshMs, look, 'background')
  }
}

function nameOf({ topic, topicId, partition }: AssignedPartition): string {
  return `${topic}/${topicId}/${partition}`
}
