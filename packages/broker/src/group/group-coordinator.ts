import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '@kafkado/core/protocol'
import { memberEpoch } from '@kafkado/core/protocol'
import type { EngineSettings } from '../settings/engine-options.ts'
import type { Changes, Units } from '../records/changes.ts'
import type { TopicRegistry } from '../topic/topic-registry.ts'
import { ConsumerGroup, type GroupRecord, type Member } from './consumer-group.ts'
import { type CurrentAssignment, describedBy, givenTo, reconcile } from './group-member.ts'
import { type CommitGroup, unknownGroup, unknownMember } from './commit-checks.ts'
import { checkHeartbeat, checkMemberEpoch, replacedInstance } from './heartbeat-checks.ts'
import { GroupBounds } from './group-bounds.ts'
import { describeGroup, type GroupDescription } from './group-description.ts'
import { GroupTopics } from './group-topics.ts'
import { MemberDeadlines } from './member-deadlines.ts'
import { OffsetStore } from './offset-store.ts'
import { assignors, assignTargets } from './target-assignment.ts'

/** For this long after a change of a group, its members come at least this often, so that partitions move quickly. */
const changingForMs = 10_000
const changingIntervalMs = 500

/**
 * Consumer groups by the protocol of KIP-848: the coordinator assigns partitions, and members follow step by step with
 * their heartbeats.
 */
export class GroupCoordinator {
  readonly offsets: OffsetStore
  readonly bounds: GroupBounds
  readonly #topics: GroupTopics
  readonly #settings: EngineSettings
  readonly #units: Units
  readonly #groups = new Map<string, ConsumerGroup>()
  readonly #deadlines: MemberDeadlines

  constructor(topics: TopicRegistry, settings: EngineSettings, units: Units) {
    this.#topics = new GroupTopics(topics)
    this.#settings = settings
    this.bounds = new GroupBounds(settings)
    this.offsets = new OffsetStore(settings.runtime.clock, this.bounds)
    this.#units = units
    this.#deadlines = new MemberDeadlines(settings, (group, memberId) => this.#fence(group, memberId))
  }

  replay(record: GroupRecord): void {
    const [groupId] = record.path
    if (record.kind !== 'group' || record.value) this.#groupFor(groupId).replay(record)
    else if (this.#groups.delete(groupId)) this.bounds.remove(groupId)
  }

  /** Resumes with the replayed state: members get a whole session to come back. */
  async resume(): Promise<void> {
    const expressions = this.#usedExpressions()
    if (expressions.size > 0) await this.loadExpressions()
    for (const expression of expressions) this.#topics.expressions.requireWhole(expression)
    for (const group of this.#groups.values())
      for (const memberId of group.members.keys()) this.#deadlines.expectHeartbeat(group, memberId)
  }

  close(): void {
    for (const group of this.#groups.values()) group.cancelTimers()
  }

  /** Load it before the first heartbeat with a regular expression. */
  loadExpressions(): Promise<void> {
    return this.#topics.expressions.load()
  }

  /** @throws KafkaError when the request or the member is not valid; the heartbeat then changes nothing */
  heartbeat(changes: Changes, request: ConsumerGroupHeartbeatRequest): ConsumerGroupHeartbeatResponse {
    checkHeartbeat(request, assignors)
    const group = this.#groups.get(request.groupId)
    if (request.memberEpoch === memberEpoch.join) {
      this.bounds.requireRoomFor(request.groupId)
      // A refused member leaves no empty group behind.
      if (!group) changes.admit()
      this.#topics.checkExpression(group, request)
      return this.#stay(changes, this.#groupFor(request.groupId), request)
    }
    if (!group) throw unknownGroup(request.groupId)
    if (!group.members.has(request.memberId)) throw unknownMember(request.groupId, request.memberId)
    if (request.memberEpoch < 0) return this.#leave(changes, group, request)
    this.#topics.checkExpression(group, request)
    return this.#stay(changes, group, request)
  }

  /** The parts of a group that the checks of commits need. */
  commitGroup(groupId: string): CommitGroup {
    return { groupId, members: this.#groups.get(groupId)?.members, hasOffsets: this.offsets.has(groupId) }
  }

  stateOf(groupId: string): string {
    return this.#groups.get(groupId)?.stateName ?? (this.offsets.has(groupId) ? 'Empty' : 'Dead')
  }

  /** The topics that members of the group subscribe to. */
  subscribedNames(groupId: string): ReadonlySet<string> {
    const group = this.#groups.get(groupId)
    return group ? this.#topics.subscribedNames(group) : new Set()
  }

  list(): { groupId: string; state: string }[] {
    const groupIds = new Set([...this.#groups.keys(), ...this.offsets.groupIds])
    return [...groupIds].sort().map((groupId) => ({ groupId, state: this.stateOf(groupId) }))
  }

  describe(groupId: string): GroupDescription | undefined {
    const group = this.#groups.get(groupId)
    if (!group && !this.offsets.has(groupId)) return undefined
    return describeGroup(
      group ?? new ConsumerGroup(groupId, this.#settings.runtime.clock),
      this.stateOf(groupId),
      this.#topics,
    )
  }

  delete(changes: Changes, groupId: string): void {
    this.offsets.forgetGroup(changes, groupId)
    if (this.#groups.has(groupId)) changes.put('group', [groupId], null)
  }

  /**
   * Removes offsets without a commit since that moment of the monotonic clock, except those of subscribed topics, and
   * groups with neither members nor offsets.
   */
  expire(changes: Changes, beforeMs: number): void {
    this.offsets.expire(changes, beforeMs, (groupId) => this.subscribedNames(groupId))
    for (const [groupId, { members, changedMs }] of this.#groups) {
      if (members.size === 0 && changedMs < beforeMs && !this.offsets.has(groupId)) this.delete(changes, groupId)
    }
    this.#topics.expressions.retain(this.#usedExpressions())
  }

  #stay(
    changes: Changes,
    group: ConsumerGroup,
    request: ConsumerGroupHeartbeatRequest,
  ): ConsumerGroupHeartbeatResponse {
    const { memberId } = request
    const replaced = replacedInstance(group, request)
    const before = group.members.get(memberId)
    const { topicPartitions } = request
    const owned = topicPartitions && this.#topics.ownedLogs(topicPartitions, givenTo(before))
    const known = topicPartitions && this.#topics.hasGone(topicPartitions) ? null : owned
    if (before && request.memberEpoch > 0)
      checkMemberEpoch(group.groupId, memberId, before.current, request.memberEpoch, known)
    // Also if a full disk refuses the heartbeat's changes: the member lives, and must keep its partitions.
    if (before) this.#deadlines.expectHeartbeat(group, memberId)
    if (replaced !== undefined) this.#takeOver(changes, group, replaced, memberId)
    else if (!before) this.bounds.requireRoomForMember(group)
    this.#describe(changes, group, request)
    assignTargets(changes, group, this.#topics)
    const { current: last, target } = group.members.get(memberId) as Member
    const isFree = (logId: number): boolean => !group.owners.has(logId)
    const current = reconcile(
      last,
      group.state.assignmentEpoch,
      target,
      request.memberEpoch === memberEpoch.join ? new Set() : owned,
      isFree,
    )
    if (current !== last) group.writeCurrent(changes, memberId, current)
    if (!before) this.#deadlines.expectHeartbeat(group, memberId)
    this.#deadlines.expectRevocation(group, memberId, current !== last)
    const differs =
      owned !== null &&
      (owned.size !== current.assigned.size || [...owned].some((logId) => !current.assigned.has(logId)))
    const tells = request.memberEpoch === memberEpoch.join || current.assigned !== last.assigned || differs
    return this.#answer(group, memberId, current.memberEpoch, tells ? current : undefined)
  }

  /**
   * Updates the member's own description; the group epoch grows when that description, or the topics, change the
   * assignment.
   */
  #describe(changes: Changes, group: ConsumerGroup, request: ConsumerGroupHeartbeatRequest): void {
    const { memberId } = request
    const before = group.members.get(memberId)?.description
    const description = describedBy(request, before)
    const isChanged = before === undefined || JSON.stringify(before) !== JSON.stringify(description)
    if (isChanged) group.writeMember(changes, memberId, description)
    const metadataHash = this.#topics.metadataHash(group)
    const needsAssignment =
      before?.subscribedTopicNames.join() !== description.subscribedTopicNames.join() ||
      before.subscribedTopicRegex !== description.subscribedTopicRegex ||
      before.serverAssignor !== description.serverAssignor ||
      metadataHash !== group.state.metadataHash
    if (needsAssignment) this.#bump(changes, group, metadataHash)
  }

  #leave(
    changes: Changes,
    group: ConsumerGroup,
    request: ConsumerGroupHeartbeatRequest,
  ): ConsumerGroupHeartbeatResponse {
    const { memberId } = request
    const member = group.members.get(memberId) as Member
    if (request.memberEpoch === memberEpoch.leaveStatic && member.description.instanceId !== null) {
      // It comes back by its instance id within the session, and finds its partitions.
      group.writeCurrent(changes, memberId, { ...member.current, memberEpoch: memberEpoch.leaveStatic })
    } else {
      group.removeMember(changes, memberId)
      this.#bump(changes, group, this.#topics.metadataHash(group))
    }
    return this.#answer(group, memberId, request.memberEpoch, undefined)
  }

  #takeOver(changes: Changes, group: ConsumerGroup, from: string, memberId: string): void {
    const { description, current, target } = group.members.get(from) as Member
    group.removeMember(changes, from)
    group.writeMember(changes, memberId, description)
    group.writeTarget(changes, memberId, target)
    group.writeCurrent(changes, memberId, { ...current, memberEpoch: memberEpoch.join, state: 'UNRELEASED_PARTITIONS' })
  }

  #fence(group: ConsumerGroup, memberId: string): void {
    const changes = this.#units.beginEnding()
    group.removeMember(changes, memberId)
    this.#bump(changes, group, this.#topics.metadataHash(group))
    // If it cannot be stored, the engine stops, and the next request reports the error.
    this.#units.commit(changes).catch(() => undefined)
  }

  #bump(changes: Changes, group: ConsumerGroup, metadataHash: number): void {
    const changedTimestampMs = this.#settings.runtime.clock.now()
    group.writeGroup(changes, { groupEpoch: group.state.groupEpoch + 1, metadataHash, changedTimestampMs })
  }

  #answer(
    group: ConsumerGroup,
    memberId: string,
    epoch: number,
    assigned: CurrentAssignment | undefined,
  ): ConsumerGroupHeartbeatResponse {
    const { heartbeatIntervalMs, runtime } = this.#settings
    const isChanging = runtime.clock.monotonic() - group.changedMs < changingForMs
    return {
      throttleTimeMs: 0,
      memberId,
      memberEpoch: epoch,
      heartbeatIntervalMs: isChanging ? Math.min(heartbeatIntervalMs, changingIntervalMs) : heartbeatIntervalMs,
      assignment: assigned ? { topicPartitions: this.#topics.topicPartitions(assigned.assigned.keys()) } : null,
    }
  }

  #usedExpressions(): Set<string> {
    const members = [...this.#groups.values()].flatMap((group) => [...group.members.values()])
    return new Set(members.flatMap(({ description }) => description.subscribedTopicRegex ?? []))
  }

  #groupFor(groupId: string): ConsumerGroup {
    const known = this.#groups.get(groupId)
    if (known) return known
    const group = new ConsumerGroup(groupId, this.#settings.runtime.clock)
    this.#groups.set(groupId, group)
    this.bounds.add(groupId)
    return group
  }
}
