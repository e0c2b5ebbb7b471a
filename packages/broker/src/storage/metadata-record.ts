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
  log: { path: readonly [logId: number]; value: { readonly logStartOffset: number } }
  /** A log whose batches below an offset are no longer reachable and are being removed; `null` removes the whole log. */
  trim: { path: readonly [logId: number]; value: { readonly beforeOffset: number | null } }
  producer: { path: readonly [logId: number, producerId: number]; value: StoredProducer }
  group: { path: readonly [groupId: string]; value: StoredGroup }
  member: { path: readonly [groupId: string, memberId: string]; value: StoredMember }
  /** The partitions, by log id, that the assignor gave to a member. */
  target: { path: readonly [groupId: string, memberId: string]; value: { readonly partitions: readonly number[] } }
  /** How far a member has come on the way to its target. */
  current: { path: readonly [groupId: string, memberId: string]; value: StoredCurrentAssignment }
  offset: { path: readonly [groupId: string, topic: string, partition: number]; value: StoredOffset }
}

export type MetadataKind = keyof MetadataKinds

export type MetadataRecord<Kind extends MetadataKind = MetadataKind> = {
  [K in Kind]: {
    readonly kind: K
    readonly path: MetadataKinds[K]['path']
    readonly value: MetadataKinds[K]['value'] | null
  }
}[Kind]

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

/** `[firstSequence, lastSequence, baseOffset, lastOffset, timestampMs]` of one batch. */
export type StoredProducerBatch = readonly [number, number, number, number, number]

export interface StoredProducer {
  readonly epoch: number
  readonly lastAppendMs: number
  /** The last batches, oldest first. */
  readonly batches: readonly StoredProducerBatch[]
}

export interface StoredGroup {
  readonly groupEpoch: number
  /** The group epoch that the target assignment was made for. */
  readonly assignmentEpoch: number
  readonly assignorName: string
  /** A checksum over the subscribed topics and their partitions, to see that they changed. */
  readonly metadataHash: number
}

export interface StoredMember {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly subscribedTopicNames: readonly string[]
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
}
