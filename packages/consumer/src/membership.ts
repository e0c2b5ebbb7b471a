import type { TopicPartition } from './consumer-config.ts'
import type { MemberIdentity } from './start-position.ts'

export interface MembershipEvents {
  /** What this member is to own. Called for one assignment after the other, each awaited; resolves when it owns just that. */
  onAssignment(partitions: readonly TopicPartition[]): Promise<void>
  /** The group went on without this member: nothing is owned any more. */
  onLost(): Promise<void>
  onFailure(error: unknown): void
}

/** How a consumer comes to its partitions: the group assigns them, or they are chosen by hand. */
export interface Membership {
  readonly identity: MemberIdentity
  /** When the group answered last, by the clock; undefined before, and where there is no group. */
  readonly lastAnswerMs: number | undefined
  start(): void
  /** What is owned now. */
  acknowledge(owned: readonly TopicPartition[]): void
  /** Learns what is new. Resolves after an answer that was asked for at this time or later. */
  heartbeat(): Promise<void>
  /** Does not fail. */
  leave(): Promise<void>
}
