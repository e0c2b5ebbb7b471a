import type { OffsetOf, Outcome, PartitionOf } from './record-events.ts'

/** A consumer's caller is told of its partitions; absent group: it reads on its own. */
export interface Assigned {
  readonly type: 'assigned'
  readonly consumer: string
  readonly group?: string
  readonly memberId?: string
  readonly session: number
  /** Those that came, not all that it has. */
  readonly partitions: readonly PartitionOf[]
}

/**
 * Its caller is told that these go; `revoked` may still be committed until the member has told the group, `lost` not.
 */
export interface Unassigned {
  readonly type: 'revoked' | 'lost'
  readonly consumer: string
  readonly group?: string
  readonly memberId?: string
  readonly session: number
  readonly partitions: readonly PartitionOf[]
}

/** A consumer sends a heartbeat, as it leaves the client: before faults. */
export interface HeartbeatSent {
  readonly type: 'heartbeat-sent'
  readonly consumer: string
  readonly group: string
  readonly memberId: string
  /** 0 joins, −1 leaves, −2 leaves for a while as a static member. */
  readonly memberEpoch: number
  /** What it says that it owns; absent: as before. */
  readonly owned?: readonly PartitionOf[]
}

/**
 * The engine has carried out a heartbeat, seen between faults and engine. Recorded when its answer is there, also where
 * that is lost later.
 */
export interface Heartbeat {
  readonly type: 'heartbeat'
  /**
   * How many events there were when the request came: its answer may have waited for a sync since. Absent: it was
   * answered at once.
   */
  readonly since?: number
  /** Its place among all requests as they came: of one `since` there may be many, as when a server has stood still. */
  readonly arrival?: number
  readonly group: string
  readonly memberId: string
  readonly instanceId?: string
  /** As it was sent. */
  readonly sentEpoch: number
  readonly owned?: readonly PartitionOf[]
  /** As it was answered; absent when it was refused. */
  readonly memberEpoch?: number
  /** All that the member has from now on; absent: as before. */
  readonly assignment?: readonly PartitionOf[]
  readonly error?: string
  /** How long the group waits for a member that is silent, and for one that has to give partitions up. */
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

/** What the engine says of a group when asked directly. */
export interface GroupSeen {
  readonly type: 'group-seen'
  /** How many events there were when it was asked. Absent: it answered at once. */
  readonly since?: number
  readonly group: string
  readonly groupEpoch: number
  readonly members: readonly {
    readonly memberId: string
    readonly memberEpoch: number
    readonly assignment: readonly PartitionOf[]
  }[]
}

/** Offsets leave a client to be committed: before faults, each attempt. */
export interface Commit {
  readonly type: 'commit'
  /** Which commit of this history, so that its end can name it. */
  readonly commit: number
  readonly consumer?: string
  readonly group: string
  /** Empty: by nobody, as the group is left or was never joined. */
  readonly memberId: string
  readonly memberEpoch: number
  readonly how: 'automatic' | 'manual' | 'transaction'
  readonly transactionalId?: string
  readonly transaction?: number
  readonly offsets: readonly OffsetOf[]
}

/**
 * The engine has carried out a commit, seen between faults and engine; in a transaction it counts when that is
 * committed.
 */
export interface CommitTaken {
  readonly type: 'commit-taken'
  /** When the request came, as of a heartbeat. */
  readonly since?: number
  readonly arrival?: number
  readonly group: string
  readonly memberId: string
  readonly memberEpoch: number
  readonly transactionalId?: string
  /** Those that it took. */
  readonly offsets: readonly OffsetOf[]
}

/**
 * The engine has come to no end with a commit: its storage failed, or its process died meanwhile. Whether the offsets
 * are taken shows after the next start.
 */
export interface CommitUnsettled {
  readonly type: 'commit-unsettled'
  readonly group: string
  readonly memberId: string
  readonly memberEpoch: number
  readonly transactionalId?: string
  /** Those that it may have taken. */
  readonly offsets: readonly OffsetOf[]
}

/** The client has the answer of a commit. */
export interface CommitAnswered {
  readonly type: 'commit-answered'
  readonly commit: number
  /** `failed` also where some of its partitions were taken. */
  readonly outcome: Outcome
  /** With `failed`: which partitions were refused, where the others were taken. Absent: all. */
  readonly refused?: readonly PartitionOf[]
  readonly error?: string
}

/** A caller asks for one offset to be committed, however many attempts that takes. */
export interface CommitCalled {
  readonly type: 'commit-called'
  /** Which call of this history, so that its end can name it. */
  readonly call: number
  readonly consumer: string
  readonly group: string
  readonly place: OffsetOf
  /** Records are processed side by side, so the commit may stop at one before it that is not done. */
  readonly mayStopBefore?: true
}

/** Its caller is told how it ended. */
export interface CommitReturned {
  readonly type: 'commit-returned'
  readonly call: number
  readonly outcome: Outcome
  readonly error?: string
}

/** What the engine holds for a group when asked directly. What is left out or −1: nothing. */
export interface Committed {
  readonly type: 'committed'
  /** How many events there were when it was asked. Absent: it answered at once. */
  readonly since?: number
  readonly group: string
  readonly offsets: readonly OffsetOf[]
}

/**
 * Offsets of a group were set or removed by an admin, who does not ask what was processed. Recorded before it is asked
 * for.
 */
export interface OffsetsReset {
  readonly type: 'offsets-reset'
  readonly group: string
  readonly offsets: readonly OffsetOf[]
}

/**
 * An admin has deleted the group, which is possible without members alone; also told where no answer says whether that
 * was so.
 */
export interface GroupDeleted {
  readonly type: 'group-deleted'
  readonly group: string
}

export type GroupEvent =
  | Assigned
  | Unassigned
  | HeartbeatSent
  | Heartbeat
  | GroupSeen
  | Commit
  | CommitTaken
  | CommitUnsettled
  | CommitAnswered
  | CommitCalled
  | CommitReturned
  | Committed
  | OffsetsReset
  | GroupDeleted
