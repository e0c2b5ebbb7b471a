import type { ConsumerGroupHeartbeatRequest } from '@kafkado/core/protocol'
import type { MemberState, OwnedPartition, StoredCurrentAssignment, StoredMember } from '../storage/metadata-record.ts'

/** Partitions that a member has or gives up, with the epoch at which it got each. */
export type OwnedPartitions = ReadonlyMap<number, number>

/** A member's current step from the partitions it owns to its target. */
export interface CurrentAssignment {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: OwnedPartitions
  readonly pendingRevocation: OwnedPartitions
}

export const noAssignment: CurrentAssignment = {
  memberEpoch: 0,
  previousMemberEpoch: 0,
  state: 'STABLE',
  assigned: new Map(),
  pendingRevocation: new Map(),
}

/** A member's own description; a null in a heartbeat leaves the former value. */
export function describedBy(request: ConsumerGroupHeartbeatRequest, before: StoredMember | undefined): StoredMember {
  return {
    instanceId: request.instanceId ?? before?.instanceId ?? null,
    rackId: request.rackId ?? before?.rackId ?? null,
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs >= 0 ? request.rebalanceTimeoutMs : (before?.rebalanceTimeoutMs ?? 300_000),
    subscribedTopicNames: request.subscribedTopicNames
      ? [...new Set(request.subscribedTopicNames)].sort()
      : (before?.subscribedTopicNames ?? []),
    subscribedTopicRegex: (request.subscribedTopicRegex ?? before?.subscribedTopicRegex) || null,
    serverAssignor: request.serverAssignor ?? before?.serverAssignor ?? null,
  }
}

/**
 * Computes the next step of a member towards its target (KIP-848).
 *
 * While it has to give up a partition, the member stays at its old epoch until it confirms. It gets a new partition
 * only when no other member has it; until then it waits with the others.
 *
 * @param owned the partitions the member reports; null reports nothing and means that it still has all of them
 * @param isFree whether no member has the partition
 */
export function reconcile(
  current: CurrentAssignment,
  targetEpoch: number,
  target: ReadonlySet<number>,
  owned: ReadonlySet<number> | null,
  isFree: (logId: number) => boolean,
): CurrentAssignment {
  const stillHas = (partitions: OwnedPartitions): boolean =>
    owned === null || [...partitions.keys()].some((logId) => owned.has(logId))
  if (current.state === 'STABLE' && current.memberEpoch === targetEpoch) return current
  if (current.state === 'UNREVOKED_PARTITIONS' && stillHas(current.pendingRevocation)) return current
  const { memberEpoch } = current
  const kept = new Map([...current.assigned].filter(([logId]) => target.has(logId)))
  const revoked = new Map([...current.assigned].filter(([logId]) => !target.has(logId)))
  if (revoked.size > 0 && stillHas(revoked)) {
    return { ...current, state: 'UNREVOKED_PARTITIONS', assigned: kept, pendingRevocation: revoked }
  }
  const wanted = [...target].filter((logId) => !kept.has(logId))
  // A partition that the member itself is giving up is free for it.
  const free = wanted.filter((logId) => isFree(logId) || current.pendingRevocation.has(logId))
  const assigned = new Map([...kept, ...free.map((logId) => [logId, targetEpoch] as const)])
  const state = free.length === wanted.length ? 'STABLE' : 'UNRELEASED_PARTITIONS'
  const previousMemberEpoch = memberEpoch === targetEpoch ? current.previousMemberEpoch : memberEpoch
  const isUnchanged =
    state === current.state &&
    memberEpoch === targetEpoch &&
    assigned.size === current.assigned.size &&
    current.pendingRevocation.size === 0
  return isUnchanged
    ? current
    : { memberEpoch: targetEpoch, previousMemberEpoch, state, assigned, pendingRevocation: new Map() }
}

export function storedAssignment({ assigned, pendingRevocation, ...rest }: CurrentAssignment): StoredCurrentAssignment {
  return {
    ...rest,
    assigned: [...assigned] as OwnedPartition[],
    pendingRevocation: [...pendingRevocation] as OwnedPartition[],
  }
}

export function restoredAssignment({
  assigned,
  pendingRevocation,
  ...rest
}: StoredCurrentAssignment): CurrentAssignment {
  return { ...rest, assigned: new Map(assigned), pendingRevocation: new Map(pendingRevocation) }
}

/** The partitions that a member was given and has not given back. */
export function givenTo(member: { readonly current: CurrentAssignment } | undefined): number[] {
  return member ? [...member.current.assigned.keys(), ...member.current.pendingRevocation.keys()] : []
}

export function isSame(one: ReadonlySet<number>, other: ReadonlySet<number> | undefined): boolean {
  return one.size === other?.size && one.isSubsetOf(other)
}
