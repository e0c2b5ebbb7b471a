/** A member as an assignor sees it. */
export interface AssignableMember {
  readonly memberId: string
  readonly subscribedTopicNames: readonly string[]
  /** Its target assignment so far. */
  readonly partitions: ReadonlySet<number>
}

/** A topic and its logs, in the order of its partitions. */
export interface AssignableTopic {
  readonly name: string
  readonly logIds: readonly number[]
}

/** Decides which member gets which partition. Pure: the same members and topics give the same answer. */
export type Assignor = (
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
) => Map<string, Set<number>>
