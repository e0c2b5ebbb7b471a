/**
 * Everything that the engine stores besides record batches. Each record describes one thing, by its kind and path. A
 * later record with the same path replaces the earlier one, and a null value removes it. So the newest values are the
 * whole state.
 */
export interface MetadataKinds {
  /** Single facts about the whole store. */
  engine: { path: readonly [name: 'identity']; value: EngineIdentity }
  /** The first producer id that is not reserved yet. */
  producerIds: { path: readonly []; value: { readonly next: number } }
  /** Producer ids in a row, from the first one on, and the principal that they were reserved for. */
  producerOwner: { path: readonly [firstId: number]; value: { readonly owner: string; readonly count: number } }
  topic: { path: readonly [topicId: string]; value: StoredTopic }
  log: { path: readonly [logId: number]; value: StoredLog }
  /** A log with unreachable batches below an offset, which are being removed; `null` removes the whole log. */
  trim: { path: readonly [logId: number]; value: { readonly beforeOffset: number | null } }
  producer: { path: readonly [logId: number, producerId: number]; value: StoredProducer }
  /** An aborted transaction, which readers of committed records must skip; keyed by the offset of its marker. */
  aborted: { path: readonly [logId: number, lastOffset: number]; value: StoredAbortedTransaction }
  cleaner: { path: readonly [logId: number]; value: StoredCleaning }
  transaction: { path: readonly [transactionalId: string]; value: StoredTransaction }
  group: { path: readonly [groupId: string]; value: StoredGroup }
  member: { path: readonly [groupId: string, memberId: string]; value: StoredMember }
  /** The partitions that the assignor gave to a member, by log id. */
  target: { path: readonly [groupId: string, memberId: string]; value: { readonly partitions: readonly number[] } }
  /** A member's progress towards its target. */
  current: { path: readonly [groupId: string, memberId: string]; value: StoredCurrentAssignment }
  offset: { path: readonly [groupId: string, topic: string, partition: number]; value: StoredOffset }
  /** Committed within a transaction that is still open. */
  pendingOffset: {
    path: readonly [groupId: string, topic: string, partition: number, producerId: number]
    value: StoredOffset
  }
}

export type MetadataKind = keyof MetadataKinds

export type MetadataRecord<Kind extends MetadataKind = MetadataKind> = {
  [K in Kind]: {
    readonly kind: K
    readonly path: MetadataKinds[K]['path']
    readonly value: MetadataKinds[K]['value'] | null
  }
}[Kind]

/**
 * A record as a storage has kept it. The engine checks all records that it reads, so storages need not check the form
 * of path and value.
 */
export function keptRecord<Kind extends MetadataKind>(kind: Kind, path: unknown, value: unknown): MetadataRecord<Kind> {
  return { kind, path, value } as MetadataRecord<Kind>
}

export interface EngineIdentity {
  readonly clusterId: string
  /** Log ids are never reused, so that no remains of a deleted topic can appear in a new one. */
  readonly nextLogId: number
}

export interface StoredTopic {
  readonly name: string
  /** The log of each partition. */
  readonly logIds: readonly number[]
  /** The settings that were set; all others have their defaults. */
  readonly configs: Readonly<Record<string, string>>
}

export interface StoredLog {
  readonly logStartOffset: number
  /** The bytes appended before the start, to compute the size of the rest. */
  readonly startPosition: number
}

/** `[firstSequence, lastSequence, baseOffset, lastOffset, timestampMs]` of one batch. */
export type StoredProducerBatch = readonly [number, number, number, number, number]

export interface StoredProducer {
  readonly epoch: number
  readonly lastAppendMs: number
  /** The last batches, oldest first. */
  readonly batches: readonly StoredProducerBatch[]
  /** The start of its open transaction; null without one. */
  readonly transactionStartOffset: number | null
}

export interface StoredAbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** The progress of compaction in a log. */
export interface StoredCleaning {
  /** Everything before it has been cleaned. */
  readonly cleanedOffset: number
  /**
   * Batches before `baseOffset` may be smaller than before, or gone; an interrupted pass has cleaned only some of them.
   * They now have `bytes`, and `position` bytes were ever appended before that offset.
   */
  readonly rewritten: { readonly baseOffset: number; readonly position: number; readonly bytes: number }
  /**
   * `[offset, time]`: everything before the offset was clean at that time, when the wait of its tombstones begins.
   * Oldest first.
   */
  readonly passes: readonly (readonly [offset: number, timeMs: number])[]
}

export type TransactionState = 'Empty' | 'Ongoing' | 'CompleteCommit' | 'CompleteAbort'

export interface StoredTransaction {
  readonly producerId: number
  readonly producerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** The logs and groups of the open transaction. */
  readonly logIds: readonly number[]
  readonly groupIds: readonly string[]
  /** When the open transaction began, −1 without one. */
  readonly startMs: number
  readonly lastUpdateMs: number
  /**
   * The `[producerId, producerEpoch]` before the last initProducerId or endTxn. With it, the same request can be
   * repeated and gets the same answer.
   */
  readonly previous: readonly [producerId: number, producerEpoch: number] | null
  /** Whether endTxn left `previous`; its decision is then `state`. */
  readonly endedByClient: boolean
}

export interface StoredGroup {
  readonly groupEpoch: number
  /** The group epoch of the target assignment. */
  readonly assignmentEpoch: number
  readonly assignorName: string
  /** A checksum over the subscribed topics and their partitions, to notice changes. */
  readonly metadataHash: number
  /** When the group epoch last grew. */
  readonly changedTimestampMs: number
}

export interface StoredMember {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly subscribedTopicNames: readonly string[]
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
}

/** `[logId, epoch at which the member got it]`. */
export type OwnedPartition = readonly [logId: number, assignmentEpoch: number]

export type MemberState = 'STABLE' | 'UNREVOKED_PARTITIONS' | 'UNRELEASED_PARTITIONS'

export interface StoredCurrentAssignment {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: readonly OwnedPartition[]
  /** Revoked from the member, which has not confirmed yet. */
  readonly pendingRevocation: readonly OwnedPartition[]
}

export interface StoredOffset {
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string | null
  readonly commitTimestampMs: number
  /** Grows with every commit, with or without a transaction. Of two commits for a partition, the later one counts. */
  readonly order: number
}
