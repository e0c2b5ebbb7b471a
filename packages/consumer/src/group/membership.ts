import type { AssignedPartition } from '../partition/topic-partition.ts'

/** Identifies the member to the group. */
export interface MemberIdentity {
  readonly memberId: string
  readonly memberEpoch: number
}

/** The identity for the offsets of a group without members. */
export const noMember: MemberIdentity = { memberId: '', memberEpoch: -1 }

/** Carries out what the group says. */
export interface MembershipListener {
  /**
   * The partitions that this member is to own. Called and awaited for one assignment after the other; resolves when the
   * member owns exactly these.
   */
  onAssignment(partitions: readonly AssignedPartition[]): Promise<void>
  /**
   * The group continued without this member: from the call on it owns nothing. Resolves when listeners have been told.
   * The next membership's assignment waits for that; heartbeats do not.
   */
  onLost(): Promise<void>
  onFailure(error: unknown): void
  /** The group has changed other assignments, and this member keeps its partitions. */
  onEpoch?(): void
  /** The page goes away, and the member leaves: what is to be said before is sent within the call. */
  onPageHide?(): void
}

/** The listener before the start: a membership has nothing to report then. */
export const noListener: MembershipListener = {
  onAssignment: () => Promise.resolve(),
  onLost: () => Promise.resolve(),
  onFailure: () => undefined,
}

/** How a consumer gets its partitions: from the group, or chosen by hand. */
export interface Membership {
  /** The member that commits offsets, as of now. */
  readonly identity: MemberIdentity
  /** The time of the group's last answer, by the monotonic clock; undefined before it, and without a group. */
  readonly lastAnswerMs: number | undefined
  /**
   * Without a group, while the consumer reads no partition and asks the server which there are: how often the server
   * has answered so far. Undefined at any other time, and in a group.
   */
  readonly lookUps: number | undefined
  /** The error of the last request; undefined since the last answer. */
  readonly problem: unknown
  /** Joins. From then on the listener carries out what the group says. */
  start(listener: MembershipListener): void
  /** Records what is owned now. */
  acknowledge(owned: readonly AssignedPartition[]): void
  /**
   * Asks the group for news. Resolves after the answer to a request sent now or later, after its failure, or when the
   * membership is lost or left. It waits for no listener, so listeners and commits may wait for it.
   */
  heartbeat(): Promise<void>
  /** Resolves when no listener is running. */
  idle(): Promise<void>
  /**
   * Never rejects, and ends when the deadline aborts.
   *
   * @param patience aborts when it should stop waiting for the answer to a running request
   */
  leave(deadline: AbortSignal, patience: AbortSignal): Promise<void>
}
