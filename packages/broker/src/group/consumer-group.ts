import type { Clock, Timer } from '@kafkado/core'
import type { MetadataRecord, StoredGroup, StoredMember } from '../storage/metadata-record.ts'
import type { Changes } from '../records/changes.ts'
import { momentOf } from '../records/stored-time.ts'
import { type CurrentAssignment, noAssignment, restoredAssignment, storedAssignment } from './group-member.ts'

/** The kinds of records that form a group. */
export type GroupRecord =
  | MetadataRecord<'group'>
  | MetadataRecord<'member'>
  | MetadataRecord<'target'>
  | MetadataRecord<'current'>

export interface Member {
  readonly description: StoredMember
  readonly current: CurrentAssignment
  readonly target: ReadonlySet<number>
}

const freshGroup: StoredGroup = {
  groupEpoch: 0,
  assignmentEpoch: 0,
  assignorName: 'uniform',
  metadataHash: 0,
  changedTimestampMs: 0,
}

/**
 * The state of one consumer group. Only `replay` of a record changes it, so a restart, which replays the same records,
 * ends in the same state.
 */
export class ConsumerGroup {
  readonly groupId: string
  state: StoredGroup = freshGroup
  readonly members = new Map<string, Member>()
  /** The member that has each partition or is giving it up. */
  readonly owners = new Map<number, string>()
  readonly sessionTimers = new Map<string, Timer>()
  readonly rebalanceTimers = new Map<string, Timer>()
  /** When the group epoch last grew, by the monotonic clock; minus infinity if it never has. */
  changedMs = Number.NEGATIVE_INFINITY
  /** Grows whenever a member comes, goes or describes itself anew. */
  subscriptionVersion = 0

  readonly #clock: Clock

  constructor(groupId: string, clock: Clock) {
    this.groupId = groupId
    this.#clock = clock
  }

  /** Kafka's name for the state of the group. */
  get stateName(): 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' {
    if (this.members.size === 0) return 'Empty'
    if (this.state.groupEpoch > this.state.assignmentEpoch) return 'Assigning'
    const isSettled = [...this.members.values()].every(
      ({ current }) => current.state === 'STABLE' && current.memberEpoch === this.state.assignmentEpoch,
    )
    return isSettled ? 'Stable' : 'Reconciling'
  }

  memberOfInstance(instanceId: string): string | undefined {
    for (const [memberId, { description }] of this.members) if (description.instanceId === instanceId) return memberId
    return undefined
  }

  writeGroup(changes: Changes, state: Partial<StoredGroup>): void {
    changes.put('group', [this.groupId], { ...this.state, ...state })
  }

  writeMember(changes: Changes, memberId: string, description: StoredMember): void {
    changes.put('member', [this.groupId, memberId], description)
  }

  writeCurrent(changes: Changes, memberId: string, current: CurrentAssignment): void {
    changes.put('current', [this.groupId, memberId], storedAssignment(current))
  }

  writeTarget(changes: Changes, memberId: string, target: ReadonlySet<number>): void {
    changes.put('target', [this.groupId, memberId], { partitions: [...target] })
  }

  cancelTimers(): void {
    for (const timers of [this.sessionTimers, this.rebalanceTimers]) for (const timer of timers.values()) timer.cancel()
  }

  removeMember(changes: Changes, memberId: string): void {
    for (const kind of ['current', 'target', 'member'] as const) changes.put(kind, [this.groupId, memberId], null)
  }

  replay(record: GroupRecord): void {
    if (record.kind === 'group') {
      this.#replayState(record.value ?? freshGroup)
      return
    }
    const memberId = record.path[1]
    const member = this.members.get(memberId)
    if (record.kind === 'member') {
      this.subscriptionVersion++
      if (record.value)
        this.members.set(memberId, { current: noAssignment, target: new Set(), ...member, description: record.value })
      else this.#forgetMember(memberId)
      return
    }
    if (!member) return
    if (record.kind === 'target') this.members.set(memberId, { ...member, target: new Set(record.value?.partitions) })
    else this.#replayCurrent(memberId, member, record.value ? restoredAssignment(record.value) : noAssignment)
  }

  #replayState(state: StoredGroup): void {
    // A change of the clock does not move this moment.
    if (state.changedTimestampMs !== this.state.changedTimestampMs)
      this.changedMs = momentOf(this.#clock, state.changedTimestampMs)
    this.state = state
  }

  #forgetMember(memberId: string): void {
    this.members.delete(memberId)
    for (const timers of [this.sessionTimers, this.rebalanceTimers]) {
      timers.get(memberId)?.cancel()
      timers.delete(memberId)
    }
  }

  #replayCurrent(memberId: string, member: Member, current: CurrentAssignment): void {
    for (const partitions of [member.current.assigned, member.current.pendingRevocation])
      for (const logId of partitions.keys()) if (this.owners.get(logId) === memberId) this.owners.delete(logId)
    for (const partitions of [current.assigned, current.pendingRevocation]) {
      for (const logId of partitions.keys()) this.owners.set(logId, memberId)
    }
    this.members.set(memberId, { ...member, current })
  }
}
