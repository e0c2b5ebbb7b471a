/**
 * Everything the engine keeps besides record batches: one record a thing, found by its kind and path. A later record of
 * the same path replaces the earlier one, and a null value removes it, so the newest values are the whole state.
 */
export interface MetadataKinds {
  /** Single facts about the whole store. */
  engine: { path: readonly [name: 'identity']; value: EngineIdentity }
  /** The first producer id that was not yet set aside for handing out. */
  producerIds: { path: readonly []; value: { readonly next: number } }
  topic: { path: readonly [topicId: string]; value: StoredTopic }
  log: { path: readonly [logId: number]; value: StoredLog }
  /**
   * A log whose batches below an offset are no longer reachable and are being removed; `null` removes the whole log.
   */
  trim: { path: readonly [logId: number]; value: { readonly beforeOffset: number | null } }
  producer: { path: readonly [logId: number, producerId: number]; value: StoredProducer }
  /** An aborted transaction that readers of committed records have to pass over; by the offset of its marker. */
  aborted: { path: readonly [logId: number, lastOffset: number]; value: StoredAbortedTransaction }
  cleaner: { path: readonly [logId: number]; value: StoredCleaning }
  transaction: { path: readonly [transactionalId: string]; value: StoredTransaction }
  group: { path: readonly [groupId: string]; value: StoredGroup }
  member: { path: readonly [groupId: string, memberId: string]; value: StoredMember }
  /** The partitions, by log id, that the assignor gave to a member. */
  target: { path: readonly [groupId: string, memberId: string]; value: { readonly partitions: readonly number[] } }
  /** How far a member has come on the way to its target. */
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
 * A record as a storage has kept it. Whether path and value have the form of its kind the storages leave to the engine,
 * which looks at all that it reads.
 */
export function keptRecord<Kind extends MetadataKind>(kind: Kind, path: unknown, value: unknown): MetadataRecord<Kind> {
  return { kind, path, value } as MetadataRecord<Kind>
}

export interface EngineIdentity {
  readonly clusterId: string
  /** Log ids are never used twice, so that nothing left of a deleted topic can show up in a new one. */
  readonly nextLogId: number
}

export interface StoredTopic {
  readonly name: string
  /** The log of each partition. */
  readonly logIds: readonly number[]
  /** Only what was set; the rest are defaults. */
  readonly configs: Readonly<Record<string, string>>
}

export interface StoredLog {
  readonly logStartOffset: number
  /** The bytes that were appended before the start, to know the size of what lies after it. */
  readonly startPosition: number
}

/** `[firstSequence, lastSequence, baseOffset, lastOffset, timestampMs]` of one batch. */
export type StoredProducerBatch = readonly [number, number, number, number, number]

export interface StoredProducer {
  readonly epoch: number
  readonly lastAppendMs: number
  /** The last batches, oldest first. */
  readonly batches: readonly StoredProducerBatch[]
  /** Where its open transaction begins; null when it has none. */
  readonly transactionStartOffset: number | null
}

export interface StoredAbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** How far compaction has come in a log. */
export interface StoredCleaning {
  /** Everything before it has been cleaned. */
  readonly cleanedOffset: number
  /**
   * Batches before `baseOffset` may be smaller than they were, or gone; a pass that was interrupted has not cleaned all
   * of them. They have `bytes` now, and `position` bytes were ever appended before it.
   */
  readonly rewritten: { readonly baseOffset: number; readonly position: number; readonly bytes: number }
  /**
   * `[offset, time]`: everything before the offset had been cleaned at that time, which begins the wait of tombstones.
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
  /** The logs and groups that the open transaction has written to. */
  readonly logIds: readonly number[]
  readonly groupIds: readonly string[]
  /** When the open transaction began, −1 without one. */
  readonly startMs: number
  readonly lastUpdateMs: number
  /**
   * `[producerId, producerEpoch]` that the last initProducerId or endTxn answered differently for, so that it can be
   * asked again.
   */
  readonly previous: readonly [producerId: number, producerEpoch: number] | null
  /** Whether `previous` was left by endTxn, whose decision is `state`. */
  readonly endedByClient: boolean
}

export interface StoredGroup {
  readonly groupEpoch: number
  /** The group epoch that the target assignment was made for. */
  readonly assignmentEpoch: number
  readonly assignorName: string
  /** A checksum over the subscribed topics and their partitions, to see that they changed. */
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
  /** Taken from the member, which has not yet said that it let go. */
  readonly pendingRevocation: readonly OwnedPartition[]
}

export interface StoredOffset {
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string | null
  readonly commitTimestampMs: number
  /** Grows with every commit, with or without a transaction: of two for one partition the later one counts. */
  readonly order: number
}
