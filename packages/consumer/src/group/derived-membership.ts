import type { AssignedPartition } from '../topic-partition.ts'
import type { MemberIdentity, Membership, MembershipListener } from './membership.ts'

/**
 * Which partitions are read by a member that was assigned these. All members of the group have to agree who reads
 * which.
 */
export type DerivePartitions = (assigned: readonly AssignedPartition[]) => Promise<readonly AssignedPartition[]>

/**
 * Reads other partitions than the group has assigned, which follow from these. To the group it is a member that owns
 * what it was assigned.
 */
export class DerivedMembership implements Membership {
  readonly #group: Membership
  readonly #derive: DerivePartitions
  /** What the group has assigned and this member may still own, and what it is to own now. */
  #assigned: readonly AssignedPartition[] = []
  #target: readonly AssignedPartition[] = []
  #losses = 0

  /** @param group the membership that this one derives from */
  constructor(group: Membership, derive: DerivePartitions) {
    this.#group = group
    this.#derive = derive
  }

  get identity(): MemberIdentity {
    return this.#group.identity
  }

  get lastAnswerMs(): number | undefined {
    return this.#group.lastAnswerMs
  }

  start(listener: MembershipListener): void {
    this.#group.start({
      onAssignment: (target) => this.#assign(target, listener),
      onLost: () => {
        this.#losses++
        this.#assigned = this.#target = []
        return listener.onLost()
      },
      onFailure: (error) => listener.onFailure(error),
    })
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

  idle(): Promise<void> {
    return this.#group.idle()
  }

  leave(deadline: AbortSignal, patience: AbortSignal): Promise<void> {
    return this.#group.leave(deadline, patience)
  }

  async #assign(target: readonly AssignedPartition[], listener: MembershipListener): Promise<void> {
    const losses = this.#losses
    const isLost = (): boolean => this.#losses !== losses
    this.#target = target
    const read = await this.#derive(target).catch((error: unknown) => {
      // Nobody needs what was lost.
      if (!isLost()) throw error
    })
    if (!read || isLost()) return
    await listener.onAssignment(read)
    if (isLost()) return
    this.#assigned = target
    // What is read for another partition's sake may have been given up by name and read all the while.
    this.#group.acknowledge(target)
  }
}

function nameOf({ topic, topicId, partition }: AssignedPartition): string {
  return `${topic}/${topicId}/${partition}`
}
