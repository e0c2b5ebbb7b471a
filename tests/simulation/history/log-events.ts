import type { PartitionOf, RecordTraits } from './record-events.ts'

interface Log extends PartitionOf {
  readonly topicId: string
}

/** What a topic's settings say of its records. */
export interface TopicSettings {
  readonly cleanup: 'delete' | 'compact' | 'compact,delete'
  /** Records may be removed by age or size. */
  readonly hasRetention: boolean
  /** How old records have to be to be removed; absent: none are removed by their age. */
  readonly retentionMs?: number
  /** How much has to stay when records are removed; absent: none are removed by their size. */
  readonly retentionBytes?: number
  /** How old records have to be for a later one of their key to take their place. */
  readonly minCompactionLagMs?: number
  /** How long a tombstone stays at least after it was cleaned for the first time. */
  readonly deleteRetentionMs?: number
  /** Records have the time at which they were appended, in place of their own; absent: as before, and at first not. */
  readonly isAppendTime?: boolean
}

export interface TopicCreated extends TopicSettings {
  readonly type: 'topic-created'
  readonly topic: string
  readonly topicId: string
  readonly partitions: number
}

export interface TopicDeleted {
  readonly type: 'topic-deleted'
  readonly topic: string
  readonly topicId: string
}

export interface TopicExtended {
  readonly type: 'topic-extended'
  readonly topic: string
  readonly topicId: string
  /** How many it has now. */
  readonly partitions: number
}

/** The start of a log has moved on. For `delete-records` recorded before it is asked for. */
export interface RecordsRemoved extends Log {
  readonly type: 'records-removed'
  readonly why: 'retention' | 'delete-records'
  readonly logStartOffset: number
  /** What the storage knows of it when the start has moved. */
  readonly removal?: Removal
}

export interface Removal {
  /** The greatest timestamp of what was removed since the start moved last. */
  readonly newestMs: number
  /** How many bytes were kept behind the new start. */
  readonly keptBytes: number
  /** What the clock of the server said; it may have been set since it was decided. */
  readonly serverMs: number
}

/** Compaction has removed a tombstone for its age: nothing of its key has come after it. Seen at the storage. */
export interface TombstoneRemoved extends Log {
  readonly type: 'tombstone-removed'
  readonly offset: number
  readonly key: string
  /** When it became durable: how many events there were, and what the clock of the server said. */
  readonly since: number
  readonly keptMs: number
  /** What that clock says now. */
  readonly serverMs: number
}

/** A topic's cleaning or retention was changed; recorded before it is asked for. */
export interface TopicConfigured extends TopicSettings {
  readonly type: 'topic-configured'
  readonly topic: string
  readonly topicId: string
}

/**
 * What an answer of the engine says of a log, seen between faults and engine in the order of its answers. What is not
 * said stays away.
 */
export interface Watermarks extends Log {
  readonly type: 'watermarks'
  /**
   * How many events there were when the request came; answers may overtake one another. Absent: it was answered at
   * once.
   */
  readonly since?: number
  readonly logStartOffset?: number
  readonly highWatermark?: number
  readonly lastStableOffset?: number
}

/**
 * The engine has answered for a batch of a numbering producer, seen between faults and engine; also where the answer is
 * lost later.
 */
export interface BatchAnswered extends PartitionOf {
  readonly type: 'batch-answered'
  /** How many events there were when the request came: its answer may have waited for a sync since. */
  readonly since: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly lastSequence: number
  /** Absent: it is in the log, appended now or before. */
  readonly error?: string
}

/**
 * The storage has synced: everything before these offsets outlives a crash now. Only logs that moved on are named.
 * After a crash the storage says in the same way what survived. Recorded before anybody is told of it.
 */
export interface Synced {
  readonly type: 'synced'
  readonly logs: readonly (Log & { readonly endOffset: number })[]
}

export interface FinalRecord extends RecordTraits {
  readonly offset: number
  readonly value: string
  /**
   * What the log says of it: `none` without a transaction, `open` when no marker follows. Markers themselves are left
   * out.
   */
  readonly transaction: 'none' | 'committed' | 'aborted' | 'open'
}

/** What is in a log in the end, read straight from the engine, uncommitted records included. */
export interface FinalLog extends Log {
  readonly type: 'final-log'
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  /** What the clock of the server says. */
  readonly serverMs?: number
  readonly records: readonly FinalRecord[]
}

/** What lies in a partition of a dead-letter topic in the end; its values are those of the records copied. */
export interface DeadLetters extends PartitionOf {
  readonly type: 'dead-letters'
  readonly records: readonly FinalRecord[]
}

export type LogEvent =
  | TopicCreated
  | TopicDeleted
  | TopicExtended
  | RecordsRemoved
  | TombstoneRemoved
  | TopicConfigured
  | Watermarks
  | BatchAnswered
  | Synced
  | FinalLog
  | DeadLetters
