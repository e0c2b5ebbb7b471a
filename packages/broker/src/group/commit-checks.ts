import { isKafkaError } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { checkIdentifier } from '../refusals/identifiers.ts'
import type { Member } from './consumer-group.ts'

/** The sender of a commit. */
interface Committer {
  readonly memberId: string
  readonly memberEpoch: number
}

/** A group as commits need it: with members, or with offsets alone. */
export interface CommitGroup {
  readonly groupId: string
  /** Undefined if the group never had a member. */
  readonly members: ReadonlyMap<string, Member> | undefined
  readonly hasOffsets: boolean
}

/**
 * For a group without members, anybody may commit, with a negative epoch. For a group with members, a member commits
 * with its epoch. As in Kafka, it is the member's own duty to commit only for partitions that it owns.
 *
 * @throws KafkaError INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID or STALE_MEMBER_EPOCH
 */
export function checkCommit(group: CommitGroup, { memberId, memberEpoch }: Committer): void {
  const { groupId, members, hasOffsets } = group
  checkIdentifier('group id', groupId, 'INVALID_GROUP_ID')
  if (memberEpoch < 0 && (members?.size ?? 0) === 0) return
  if (!members && !hasOffsets) throw unknownGroup(groupId)
  checkMember(groupId, members, memberId, memberEpoch)
}

/**
 * Within a transaction, a commit need not name a member; the fencing of the transactional id protects it.
 *
 * @throws KafkaError INVALID_GROUP_ID, UNKNOWN_MEMBER_ID or ILLEGAL_GENERATION
 */
export function checkTransactionalCommit(
  group: CommitGroup,
  { memberId, memberEpoch, groupInstanceId }: Committer & { readonly groupInstanceId: string | null },
): void {
  checkIdentifier('group id', group.groupId, 'INVALID_GROUP_ID')
  if (memberId === '' && memberEpoch < 0 && groupInstanceId === null) return
  try {
    checkCommit(group, { memberId, memberEpoch })
  } catch (error) {
    // Producers know only one error for a member that is out of date.
    if (isKafkaError(error, 'STALE_MEMBER_EPOCH', 'GROUP_ID_NOT_FOUND'))
      throw errorOfCode('ILLEGAL_GENERATION', { detail: error.message }, { cause: error })
    throw error
  }
}

/**
 * Without a member, a request reads the committed offsets of any group; a member reads them only with its epoch. A
 * group that never had members has nothing to check.
 *
 * @throws KafkaError UNKNOWN_MEMBER_ID or STALE_MEMBER_EPOCH
 */
export function checkFetch(
  { groupId, members }: CommitGroup,
  { memberId, memberEpoch }: { readonly memberId: string | null; readonly memberEpoch: number },
): void {
  const isMember = memberEpoch >= 0 || memberId !== null
  if (members && isMember) checkMember(groupId, members, memberId ?? '', memberEpoch)
}

function checkMember(groupId: string, members: CommitGroup['members'], memberId: string, memberEpoch: number): void {
  const current = members?.get(memberId)?.current
  if (!current) throw unknownMember(groupId, memberId)
  if (memberEpoch !== current.memberEpoch) throw staleEpoch(groupId, memberId, memberEpoch, current.memberEpoch)
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
