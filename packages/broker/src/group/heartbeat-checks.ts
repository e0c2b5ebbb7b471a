import { type ConsumerGroupHeartbeatRequest, memberEpoch } from '@kafkado/core/protocol'
import { errorOfCode, shortened } from '@kafkado/core/internal'
import { checkIdentifier } from '../refusals/identifiers.ts'
import { mostSubscribedNames, mostTopicNameCharacters } from '../refusals/text-bounds.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { CurrentAssignment } from './group-member.ts'

/**
 * @throws KafkaError INVALID_REQUEST, UNSUPPORTED_ASSIGNOR or UNSUPPORTED_VERSION when the fields contradict one
 *   another
 */
export function checkHeartbeat(request: ConsumerGroupHeartbeatRequest, assignors: object): void {
  const { groupId, memberId, memberEpoch: epoch, serverAssignor, instanceId } = request
  const invalid = (detail: string): Error =>
    errorOfCode('INVALID_REQUEST', { detail: `heartbeat of group '${groupId}': ${detail}` })
  if (groupId.trim() === '') throw invalid('the group id is empty')
  checkIdentifier('group id', groupId)
  checkIdentifier('member id', memberId)
  checkIdentifier('instance id', instanceId)
  checkIdentifier('rack id', request.rackId)
  const nameFault = faultOfNames(request.subscribedTopicNames)
  if (nameFault !== undefined) throw invalid(nameFault)
  if (epoch < memberEpoch.leaveStatic) throw invalid(`there is no member epoch ${epoch}`)
  if (epoch === memberEpoch.leaveStatic && instanceId === null)
    throw invalid('only a member with an instance id leaves with epoch -2')
  if (serverAssignor !== null && !Object.hasOwn(assignors, serverAssignor)) {
    throw errorOfCode('UNSUPPORTED_ASSIGNOR', {
      detail: `there is no assignor '${serverAssignor}'; choose one of ${Object.keys(assignors).join(', ')}`,
    })
  }
  if (epoch !== memberEpoch.join) return
  if (request.rebalanceTimeoutMs <= 0) throw invalid('a joining member must state its rebalance timeout')
  if (!request.subscribedTopicNames && !request.subscribedTopicRegex)
    throw invalid('a joining member must name the topics of its subscription')
  if (!request.topicPartitions || request.topicPartitions.length > 0)
    throw invalid('a member that joins owns nothing yet')
}

function faultOfNames(names: readonly string[] | null): string | undefined {
  if (!names) return undefined
  if (names.length > mostSubscribedNames)
    return `a member subscribes to at most ${mostSubscribedNames} topics by name, not to ${names.length}`
  const long = names.find(({ length }) => length > mostTopicNameCharacters)
  if (long === undefined) return undefined
  const shown = shortened(long, 60)
  return `a topic name has at most ${mostTopicNameCharacters} characters, and '${shown}' has ${long.length}`
}

/**
 * Accepts an older epoch only from a member that missed the last answer: it reports the previous epoch, and owns only
 * partitions that it was given. A late copy of a heartbeat from an earlier stay would give up what the member has now.
 *
 * @param owned null when the member does not say it, or reports topics that are gone
 * @throws KafkaError FENCED_MEMBER_EPOCH
 */
export function checkMemberEpoch(
  groupId: string,
  memberId: string,
  { memberEpoch: epoch, previousMemberEpoch, assigned }: CurrentAssignment,
  received: number,
  owned: ReadonlySet<number> | null,
): void {
  if (received === epoch) return
  const missedAnAnswer =
    received < epoch &&
    received === previousMemberEpoch &&
    owned !== null &&
    [...owned].every((logId) => assigned.has(logId))
  if (missedAnAnswer) return
  throw errorOfCode('FENCED_MEMBER_EPOCH', {
    detail: `group '${groupId}': member '${memberId}' is at epoch ${epoch}, the heartbeat says ${received}; join again`,
  })
}

/**
 * The member replaced by a new one with the same instance id.
 *
 * @throws KafkaError FENCED_INSTANCE_ID or UNRELEASED_INSTANCE_ID
 */
export function replacedInstance(
  group: ConsumerGroup,
  { instanceId, memberId, memberEpoch: epoch }: ConsumerGroupHeartbeatRequest,
): string | undefined {
  const holder = instanceId === null ? undefined : group.memberOfInstance(instanceId)
  if (holder === undefined || holder === memberId) return undefined
  const detail = `group '${group.groupId}': the instance id '${instanceId}' belongs to member ${holder}`
  if (epoch !== memberEpoch.join) throw errorOfCode('FENCED_INSTANCE_ID', { detail })
  if (group.members.get(holder)?.current.memberEpoch !== memberEpoch.leaveStatic)
    throw errorOfCode('UNRELEASED_INSTANCE_ID', { detail })
  return holder
}
