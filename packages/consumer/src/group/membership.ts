import type { AssignedPartition } from '../partition/topic-partition.ts'

/** What identifies the member to the group. */
export interface MemberIdentity {
  readonly memberId: string
  readonly memberEpoch: number
}

/** As whom the offsets of a group are read and committed that has no members. */
export const noMember: MemberIdentity = { memberId: '', memberEpoch: -1 }

/** Who carries out what the group says. */
export interface MembershipListener {
  /**
   * What this member is to own. Called for one assignment after the other, each awaited; resolves when it owns just
   * that.
   */
  onAssignment(partitions: readonly AssignedPartition[]): Promise<void>
  /**
   * The group went on without this member: from the call on nothing is owned any more. Resolves when listeners were
   * told; an assignment of the next membership comes after that, heartbeats do not wait for it.
   */
  onLost(): Promise<void>
  onFailure(error: unknown): void
  /** The group has assigned anew, and this member keeps what it has. */
  onEpoch?(): void
}

/** Whom a membership that has not started tells: it has nothing to tell yet. */
export const noListener: MembershipListener = {
  onAssignment: () => Promise.resolve(),
  onLost: () => Promise.resolve(),
  onFailure: () => undefined,
}

/** How a consumer comes to its partitions: the group assigns them, or they are chosen by hand. */
export interface Membership {
  /** As whom offsets are committed, as of now. */
  readonly identity: MemberIdentity
  /** When the group answered last, by the monotonic clock; undefined before, and where there is no group. */
  readonly lastAnswerMs: number | undefined
  /** Joins. What the group says from then on is for the listener to carry out. */
  start(listener: MembershipListener): void
  /** What is owned now. */
  acknowledge(owned: readonly AssignedPartition[]): void
  /**
   * Learns what is new. Resolves after the answer to a request that is sent at this time or later, or its failure, or
   * when the membership is lost or left. It waits for no listener, so listeners and commits may wait for it.
   */
  heartbeat(): Promise<void>
  /** Resolves when no listener runs. */
  idle(): Promise<void>
  /**
   * Does not fail, and ends when the deadline aborts.
   *
   * @param patience aborts when the answer to a request that is under way is not waited for any more
   */
  leave(deadline: AbortSignal, patience: AbortSignal): Promise<void>
}
