/** How an operation ended for whoever asked: `unknown` when it may have been carried out, now or later. */
export type Outcome = 'ok' | 'failed' | 'unknown'

/**
 * A partition of a topic. Its identity is the topic's id; where that is not known the checker finds it by the name, the
 * time and the value.
 */
export interface PartitionOf {
  readonly topic: string
  readonly topicId?: string
  readonly partition: number
}

export interface OffsetOf extends PartitionOf {
  readonly offset: number
}

/** What a record has besides its value, as whoever saw it was shown it; what was not looked at stays away. */
export interface RecordTraits {
  /** Absent also where there is none. */
  readonly key?: string
  /** `name=value`, in their order, with commas between them; empty where there are none. */
  readonly headers?: string
  readonly timestamp?: number
}

export interface PolledRecord extends OffsetOf, RecordTraits {
  readonly value: string
}

/**
 * A record is handed to a producer. Values are sent once each in a whole history: the value is what everything else is
 * told by.
 */
export interface Send extends RecordTraits {
  readonly type: 'send'
  readonly value: string
  readonly topic: string
  /** Where the caller chose it. */
  readonly partition?: number
  readonly producer: 'plain' | 'idempotent' | 'transactional'
  /** It says that there is nothing of its key any more; what tells it from others is in a header then. */
  readonly isTombstone?: true
  readonly transactionalId?: string
  /** The number of the transaction among those of its transactional id, as in `transaction-begun`. */
  readonly transaction?: number
  /** How long its producer has to deliver it; absent: that of a transaction. */
  readonly deliveryTimeoutMs?: number
  /** It is handed over when everything is well, and has been for a while. */
  readonly isWhenWell?: true
  /** Its place among all that this producer was handed; what goes to one partition keeps that order. */
  readonly order: number
  /** What the clock of the server says; nobody but the world knows. */
  readonly serverMs?: number
}

/** The promise of a send is settled; inside a transaction this says nothing of the transaction. */
export interface Sent {
  readonly type: 'sent'
  readonly value: string
  readonly outcome: Outcome
  readonly topic?: string
  readonly topicId?: string
  /** With `ok`: where it was said to be; offset −1 where nobody can know it (acks 0). */
  readonly partition?: number
  readonly offset?: number
  readonly error?: string
  /** With `ok`: the time that the record was said to have. */
  readonly timestamp?: number
  readonly serverMs?: number
  /** The producer is known to have sent it once alone, so even a plain producer's may not be there twice. */
  readonly isSingleAttempt?: boolean
}

/**
 * The streams that make what is written to a topic name their pipeline in it, and send nothing as `send`: see
 * `pipeline`.
 */
export interface Pipeline {
  readonly type: 'pipeline'
  readonly pipeline: string
  /** Of those who read the input. */
  readonly group?: string
  readonly input: string
  readonly output: string
  readonly guarantee: 'exactly-once' | 'at-least-once'
  /**
   * copy: each input gives one output, `${pipeline}:${value}`. count: the outputs of a key are `${pipeline}:${key}:1`,
   * `:2` and so on, one for each input. windows: the same of `${key}@${start}`, for windows of a second by the time of
   * the records. join: each input gives one output, `${pipeline}:${value}:${row}`, with a row that its key had in the
   * table, or `-`.
   */
  readonly transform: 'copy' | 'count' | 'windows' | 'join'
  /** With join: the topic of the table. */
  readonly table?: string
  /** It cannot process poison, and puts it aside there. */
  readonly deadTopic?: string
  /** With copy: outputs have the headers and the time of their inputs. */
  readonly keepsTraits?: boolean
}

export type Isolation = 'read_committed' | 'read_uncommitted'

/** A consumer begins to read. All that a group's members are told of where to begin is the same. */
export interface Reading {
  readonly type: 'reading'
  readonly consumer: string
  readonly group?: string
  readonly topics: readonly string[]
  readonly isolation: Isolation
  readonly from: 'earliest' | 'latest' | 'elsewhere'
  /**
   * It has to come to the end of its topics before the final polls are over: it, or its group, has to see all that is
   * there.
   */
  readonly isToSeeAll: boolean
  /** It cannot decode poison, and skips it or copies it to a dead-letter topic. */
  readonly leavesOutPoison?: true
  /** It commits by itself what it has processed. */
  readonly isAutomatic?: true
}

/** Records are given out to a caller: one by a loop, several by a batch. */
export interface Poll {
  readonly type: 'poll'
  readonly consumer: string
  readonly group?: string
  /** The number of the stay in the group, counted by the world: it grows by one with each join. */
  readonly session: number
  readonly isolation: Isolation
  readonly how: 'loop' | 'next' | 'take' | 'batches' | 'parallel' | 'filter' | 'streams' | 'other'
  /** With `filter`: all that the predicate is shown, and what it says of it. */
  readonly isKept?: boolean
  readonly records: readonly PolledRecord[]
  /** When the records are read for a transaction of this id with this number. */
  readonly transactionalId?: string
  readonly transaction?: number
}

/** A loop over a filter is given a record. */
export interface Kept extends OffsetOf {
  readonly type: 'kept'
  readonly consumer: string
  readonly session: number
}

/** A caller has called `next()` while another call waited, and is told how that ended. */
export interface OverlappingNext {
  readonly type: 'overlapping-next'
  readonly consumer: string
  /** `given`: a record; `refused`: the call as such; `failed`: as the reading did. */
  readonly outcome: 'given' | 'refused' | 'failed'
  readonly error?: string
}

/** A handler has failed with a record, which begins to be copied to a dead-letter topic. */
export interface SettingAside extends OffsetOf {
  readonly type: 'setting-aside'
  readonly consumer: string
}

/** A dead-letter topic has told a client that it has these. */
export interface LettersWritten {
  readonly type: 'letters-written'
  readonly topic: string
  /** The headers of each, which say where its record lay. */
  readonly letters: readonly string[]
}

/** A caller is told that a record was left out, after it was copied to the dead-letter topic if there is one. */
export interface SetAside extends OffsetOf {
  readonly type: 'set-aside'
  readonly consumer: string
  readonly group?: string
  readonly session: number
  /** Its handler failed, or it could not be decoded. */
  readonly why: 'handler' | 'invalid'
  readonly deadTopic?: string
}

/**
 * The caller is done with records: its loop asked for the next one, its handler ended, it called commit. Without it
 * nothing of a poll is processed.
 */
export interface Processed {
  readonly type: 'processed'
  readonly consumer: string
  readonly group?: string
  readonly session: number
  readonly records: readonly OffsetOf[]
}

/** A caller moves the position of a consumer. Without an offset (to the end, a time) anything may follow. */
export interface Seek extends PartitionOf {
  readonly type: 'seek'
  readonly consumer: string
  readonly group?: string
  /** As that of a poll: the next one begins where the configuration or the group says. */
  readonly session: number
  readonly offset?: number
  /** The first record of at least this time; recorded before it is asked for. */
  readonly timestamp?: number
}

/** Its caller is told that the consumer is where it was to go by a time, in all partitions that it has had since. */
export interface Sought {
  readonly type: 'sought'
  readonly consumer: string
}

/** The consumer found its position gone (removed by retention, a log that was made anew) and began elsewhere. */
export interface PositionReset extends PartitionOf {
  readonly type: 'position-reset'
  readonly consumer: string
  readonly offset?: number
}

export type RecordEvent =
  | Send
  | Sent
  | Pipeline
  | Reading
  | Poll
  | Kept
  | OverlappingNext
  | SettingAside
  | LettersWritten
  | SetAside
  | Processed
  | Seek
  | Sought
  | PositionReset
