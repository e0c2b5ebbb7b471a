import type { TopicPartition } from './consumer-config.ts'
import type { MemberIdentity } from './start-position.ts'

/** A partition of one particular topic, as an assignment names it. */
export interface AssignedPartition extends TopicPartition {
  /** A topic that is made anew under the same name has another id; null where the server does not tell. */
  readonly topicId: string | null
}

export interface MembershipEvents {
  /** What this member is to own. Called for one assignment after the other, each awaited; resolves when it owns just that. */
  onAssignment(partitions: readonly AssignedPartition[]): Promise<void>
  /**
   * The group went on without this member: from the call on nothing is owned any more. Resolves when listeners were told; an assignment of the
   * next membership comes after that, heartbeats do not wait for it.
   */
  onLost(): Promise<void>
  onFailure(error: unknown): void
  /** The group has assigned anew, and this member keeps what it has. */
  onEpoch?(): void
}

/** How a consumer comes to its partitions: the group assigns them, or they are chosen by hand. */
export interface Membership {
  /** As whom offsets are committed, as of now. */
  readonly identity: MemberIdentity
  /** When the group answered last, by the monotonic clock; undefined before, and where there is no group. */
  readonly lastAnswerMs: number | undefined
  start(): void
  /** What is owned now. */
  acknowledge(owned: readonly AssignedPartition[]): void
  /**
   * Learns what is new. Resolves after the answer to a request that is sent at this time or later, or its failure, or when the membership is lost
   * or left. It waits for no listener, so listeners and commits may wait for it.
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
