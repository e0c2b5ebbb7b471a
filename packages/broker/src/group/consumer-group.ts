import type { Timer } from '@kafkado/core'
import type { MetadataRecord, StoredGroup, StoredMember } from '../storage/metadata-record.ts'
import type { StorageChanges } from '../storage/storage.ts'
import { type CurrentAssignment, noAssignment, restoredAssignment, storedAssignment } from './group-member.ts'

/** The kinds of records that make up a group. */
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
 * The state of one consumer group. It changes only by `replay` of a record, so that a restart, which replays the same records, ends in the
 * same state.
 */
export class ConsumerGroup {
  readonly groupId: string
  state: StoredGroup = freshGroup
  readonly members = new Map<string, Member>()
  /** Which member has or is giving up each partition. */
  readonly owners = new Map<number, string>()
  readonly sessionTimers = new Map<string, Timer>()
  readonly rebalanceTimers = new Map<string, Timer>()
  /** When the group epoch last grew, by the monotonic clock; minus infinity: it never has. */
  changedMs = Number.NEGATIVE_INFINITY

  constructor(groupId: string) {
    this.groupId = groupId
  }

  /** Kafka's name for what the group is doing. */
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

  /** Applies a record, and adds it to what becomes durable. */
  write(changes: StorageChanges, record: GroupRecord): void {
    this.replay(record)
    changes.records.push(record)
  }

  writeGroup(changes: StorageChanges, state: Partial<StoredGroup>): void {
    this.write(changes, { kind: 'group', path: [this.groupId], value: { ...this.state, ...state } })
  }

  writeMember(changes: StorageChanges, memberId: string, description: StoredMember): void {
    this.write(changes, { kind: 'member', path: [this.groupId, memberId], value: description })
  }

  writeCurrent(changes: StorageChanges, memberId: string, current: CurrentAssignment): void {
    this.write(changes, { kind: 'current', path: [this.groupId, memberId], value: storedAssignment(current) })
  }

  writeTarget(changes: StorageChanges, memberId: string, target: ReadonlySet<number>): void {
    this.write(changes, { kind: 'target', path: [this.groupId, memberId], value: { partitions: [...target] } })
  }

  removeMember(changes: StorageChanges, memberId: string): void {
    for (const kind of ['current', 'target', 'member'] as const)
      this.write(changes, { kind, path: [this.groupId, memberId], value: null })
    this.sessionTimers.get(memberId)?.cancel()
    this.rebalanceTimers.get(memberId)?.cancel()
    this.sessionTimers.delete(memberId)
    this.rebalanceTimers.delete(memberId)
  }

  replay(record: GroupRecord): void {
    if (record.kind === 'group') {
      this.state = record.value ?? freshGroup
      return
    }
    const memberId = record.path[1]
    const member = this.members.get(memberId)
    if (record.kind === 'member') {
      if (record.value)
        this.members.set(memberId, { current: noAssignment, target: new Set(), ...member, description: record.value })
      else this.members.delete(memberId)
      return
    }
    if (!member) return
    if (record.kind === 'target') this.members.set(memberId, { ...member, target: new Set(record.value?.partitions) })
    else this.#replayCurrent(memberId, member, record.value ? restoredAssignment(record.value) : noAssignment)
  }

  #replayCurrent(memberId: string, member: Member, current: CurrentAssignment): void {
    for (const [logId, owner] of this.owners) if (owner === memberId) this.owners.delete(logId)
    for (const partitions of [current.assigned, current.pendingRevocation]) {
      for (const logId of partitions.keys()) this.owners.set(logId, memberId)
    }
    this.members.set(memberId, { ...member, current })
  }
}
