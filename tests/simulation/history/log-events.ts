import type { PartitionOf } from './record-events.ts'

interface Log extends PartitionOf {
  readonly topicId: string
}

export interface TopicCreated {
  readonly type: 'topic-created'
  readonly topic: string
  readonly topicId: string
  readonly partitions: number
  readonly cleanup: 'delete' | 'compact' | 'compact,delete'
  /** Records may be removed by age or size. */
  readonly hasRetention: boolean
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
}

/** A topic's cleaning or retention was changed; recorded before it is asked for. */
export interface TopicConfigured {
  readonly type: 'topic-configured'
  readonly topic: string
  readonly topicId: string
  readonly cleanup: 'delete' | 'compact' | 'compact,delete'
  readonly hasRetention: boolean
}

/** What an answer of the engine says of a log, seen between faults and engine in the order of its answers. What is not said stays away. */
export interface Watermarks extends Log {
  readonly type: 'watermarks'
  /** How many events there were when the request came; answers may overtake one another. Absent: it was answered at once. */
  readonly since?: number
  readonly logStartOffset?: number
  readonly highWatermark?: number
  readonly lastStableOffset?: number
}

/** The engine has answered for a batch of a numbering producer, seen between faults and engine; also where the answer is lost later. */
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
 * The storage has synced: everything before these offsets outlives a crash now. Only logs that moved on are named. After a crash the storage says in
 * the same way what survived. Recorded before anybody is told of it.
 */
export interface Synced {
  readonly type: 'synced'
  readonly logs: readonly (Log & { readonly endOffset: number })[]
}

export interface FinalRecord {
  readonly offset: number
  readonly value: string
  readonly key?: string
  readonly timestamp?: number
  /** What the log says of it: `none` without a transaction, `open` when no marker follows. Markers themselves are left out. */
  readonly transaction: 'none' | 'committed' | 'aborted' | 'open'
}

/** What is in a log in the end, read straight from the engine, uncommitted records included. */
export interface FinalLog extends Log {
  readonly type: 'final-log'
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly records: readonly FinalRecord[]
}

export type LogEvent =
  | TopicCreated
  | TopicDeleted
  | TopicExtended
  | RecordsRemoved
  | TopicConfigured
  | Watermarks
  | BatchAnswered
  | Synced
  | FinalLog
