import { KafkaError, type Runtime, type Timer } from '@kafkado/core'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import { type MemberIdentity, type Membership, type MembershipListener, noListener } from './membership.ts'

/**
 * Which partitions are read by a member that was assigned others. All members of the group have to agree who reads
 * which.
 */
export interface DerivedPartitions {
  of(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]>
  /**
   * What they follow from may change although nothing is assigned anew: they are looked at again after so long.
   * Infinity where it cannot.
   */
  readonly refreshMs: number
}

interface DerivedParts {
  /** The membership that this one derives from. */
  readonly group: Membership
  readonly derived: DerivedPartitions
  readonly runtime: Pick<Runtime, 'clock'>
}

/**
 * Reads other partitions than the group has assigned, which follow from these. To the group it is a member that owns
 * what it was assigned.
 */
export class DerivedMembership implements Membership {
  readonly #group: Membership
  readonly #derived: DerivedPartitions
  readonly #runtime: Pick<Runtime, 'clock'>
  #listener = noListener
  /** What the group has assigned and this member may still own, and what it is to own now. */
  #assigned: readonly AssignedPartition[] = []
  #target: readonly AssignedPartition[] = []
  #losses = 0
  /** One change of what is read after the other, whoever asked for it. */
  #changing: Promise<void> = Promise.resolve()
  /** Whether another look is still to begin. */
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

  start(listener: MembershipListener): void {
    this.#listener = listener
    this.#group.start({
      onAssignment: (target) => {
        this.#target = target
        return this.#inTurn(() => this.#take(target))
      },
      // What others were assigned may be what makes the difference.
      onEpoch: () => this.#lookAgain(),
      onLost: () => {
        this.#losses++
        this.#assigned = this.#target = []
        return listener.onLost()
      },
      onFailure: (error) => listener.onFailure(error),
    })
    this.#planLook()
  }

  /** On the way to an assignment: what was assigned before is owned until it is not read any more. */
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
    // The group has said something else since.
    if (target !== this.#target) return
    const read = await this.#derived.of(target).catch((error: unknown) => {
      // Nobody needs what was lost.
      if (!isLost()) throw error
    })
    if (!read || isLost()) return
    await this.#listener.onAssignment(read)
    if (isLost()) return
    this.#assigned = target
    // What is read for another partition's sake may have been given up by name and read all the while.
    this.#group.acknowledge(target)
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined)
    return changed
  }

  /**
   * Looks whether what was assigned still leads to the same. What keeps it from knowing that for a while is no
   * failure: it looks again.
   */
  #lookAgain(): void {
    if (this.#willLook || this.#isLeaving) return
    this.#willLook = true
    void this.#inTurn(async () => {
      this.#willLook = false
      // The one that comes is looked at as it is taken.
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
