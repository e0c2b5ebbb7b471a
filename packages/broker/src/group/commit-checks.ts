import { codeOf, KafkaError } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { checkIdentifier } from '../identifiers.ts'
import type { ConsumerGroup } from './consumer-group.ts'

/**
 * A member commits for what it owns; somebody who is no member, only for a group without members.
 *
 * @param logIds the partitions, as far as they exist
 * @throws KafkaError GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID or STALE_MEMBER_EPOCH
 */
export function checkCommit(
  groupId: string,
  group: ConsumerGroup | undefined,
  memberId: string,
  epoch: number,
  logIds: readonly number[],
): void {
  checkIdentifier('group id', groupId, 'INVALID_GROUP_ID')
  if (memberId === '' && epoch < 0) {
    if (!group || group.members.size === 0) return
    throw unknownMember(groupId, memberId)
  }
  if (!group) throw unknownGroup(groupId)
  const current = group.members.get(memberId)?.current
  if (!current) throw unknownMember(groupId, memberId)
  if (epoch === current.memberEpoch) return
  // A commit that was on its way when the epoch moved still counts for what the member has had since then.
  const isOwned = logIds.every((logId) => {
    const assignmentEpoch = current.assigned.get(logId) ?? current.pendingRevocation.get(logId)
    return assignmentEpoch !== undefined && assignmentEpoch <= epoch
  })
  if (epoch > current.memberEpoch || !isOwned) throw staleEpoch(groupId, memberId, epoch, current.memberEpoch)
}

/**
 * Within a transaction a commit need not name a member; the fencing of the transactional id stands in for that.
 *
 * @throws KafkaError UNKNOWN_MEMBER_ID or ILLEGAL_GENERATION
 */
export function checkTransactionalCommit(
  groupId: string,
  group: ConsumerGroup | undefined,
  { memberId, generationId, groupInstanceId }: CommittingMember,
  logIds: readonly number[],
): void {
  checkIdentifier('group id', groupId, 'INVALID_GROUP_ID')
  if (memberId === '' && generationId < 0 && groupInstanceId === null) return
  try {
    checkCommit(groupId, group, memberId, generationId, logIds)
  } catch (error) {
    // Producers know but one error for a member that the group has left behind.
    if (KafkaError.is(error) && outdated.has(error.kafkaCode))
      throw errorOfCode('ILLEGAL_GENERATION', { detail: error.message }, { cause: error })
    throw error
  }
}

const outdated = new Set<number | undefined>([codeOf('STALE_MEMBER_EPOCH'), codeOf('GROUP_ID_NOT_FOUND')])

interface CommittingMember {
  readonly memberId: string
  readonly generationId: number
  readonly groupInstanceId: string | null
}

/** @throws KafkaError UNKNOWN_MEMBER_ID or STALE_MEMBER_EPOCH */
export function checkFetch(groupId: string, group: ConsumerGroup | undefined, memberId: string, epoch: number): void {
  if (memberId === '' && epoch < 0) return
  const current = group?.members.get(memberId)?.current
  if (!current) throw unknownMember(groupId, memberId)
  if (epoch !== current.memberEpoch) throw staleEpoch(groupId, memberId, epoch, current.memberEpoch)
}

export function unknownGroup(groupId: string): Error {
  return errorOfCode('GROUP_ID_NOT_FOUND', { detail: `there is no group '${groupId}'` })
}

export function unknownMember(groupId: string, memberId: string): Error {
  return errorOfCode('UNKNOWN_MEMBER_ID', { detail: `group '${groupId}' has no member '${memberId}'` })
}

function staleEpoch(groupId: string, memberId: string, epoch: number, currentEpoch: number): Error {
  return errorOfCode('STALE_MEMBER_EPOCH', {
    detail: `group '${groupId}': member '${memberId}' is at epoch ${currentEpoch}, the request says ${epoch}`,
  })
}
