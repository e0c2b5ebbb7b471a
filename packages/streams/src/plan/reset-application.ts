import { type Admin, createAdmin, type GroupMemberDescription, type ResetPosition } from '@kafkado/admin'
import { consumerGroupHeartbeat, InvalidRequestError, isKafkaError, type Transport } from '@kafkado/core'
import { commitsOf, resetMark } from './noted-stores.ts'
import { ownTopics, type OwnTopics } from './own-topics.ts'

export interface ResetApplicationOptions {
  /** Where the application continues in its source topics. */
  readonly to: ResetPosition
  /**
   * Topics that it writes by `through()` and reads back. It continues at their end, because their content is made anew.
   */
  readonly intermediateTopics: readonly string[]
  /** The internal topics to delete; undefined for all of its own. Kafka: --internal-topics. */
  readonly internalTopics: readonly string[] | undefined
  /** Reports the steps without doing them. */
  readonly isDryRun: boolean
  /** Removes remaining members from the group. */
  readonly isForced: boolean
}

/** The steps done, or to be done. */
export interface ResetReport {
  readonly application: string
  /** The removed members. */
  readonly removedMembers: readonly string[]
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]
  /** The deleted internal topics. */
  readonly deletedTopics: readonly string[]
}

/**
 * Lets an application begin anew: at another place in its source topics, and without its former state. Kafka:
 * kafka-streams-application-reset.
 *
 * @throws InvalidRequestError when it has members and `isForced` is false, when there is no trace of it, or when it is
 *   unclear whether a topic is its own
 */
export async function resetApplication(
  transport: Transport,
  application: string,
  { to, intermediateTopics, internalTopics, isDryRun, isForced }: ResetApplicationOptions,
): Promise<ResetReport> {
  const admin = createAdmin(transport)
  const [topics, groups] = await Promise.all([admin.listTopics(), admin.listGroups()])
  const existing = topics.map(({ name }) => name)
  const ids = groups.map(({ id }) => id)
  const found = await ownTopics(transport, application, { topics: existing, groups: ids })
  const isGroup = ids.includes(application)
  if (!isGroup && found.own.length + found.doubtful.length === 0)
    throw new InvalidRequestError(
      `there is nothing of an application '${application}': no group of that name, ` +
        `and no topic that begins with '${application}-'`,
    )
  const commits = isGroup ? await commitsOf(transport, application) : []
  const read = new Set(commits.map(({ topic }) => topic).filter((topic) => existing.includes(topic)))
  for (const topic of [...found.own, ...found.doubtful]) read.delete(topic)
  const unread = intermediateTopics.find((topic) => !read.has(topic))
  if (unread !== undefined)
    throw new InvalidRequestError(
      `application '${application}' has read no topic '${unread}'; ` +
        `it has read ${[...read].sort().join(', ') || 'none'}`,
    )
  const internal = chosen(application, found, internalTopics)
  const removedMembers = isGroup ? await withoutMembers(admin, transport, application, { isDryRun, isForced }) : []
  const offsets: { topic: string; partition: number; offset: number }[] = []
  for (const topic of [...read].sort()) {
    const position = intermediateTopics.includes(topic) ? 'latest' : to
    const reset = await admin.resetOffsets(application, topic, position, {
      validateOnly: isDryRun,
      metadata: resetMark,
    })
    for (const [partition, offset] of reset) offsets.push({ topic, partition, offset })
  }
  if (!isDryRun) for (const topic of internal) await admin.deleteTopic(topic)
  return { application, removedMembers, offsets, deletedTopics: internal }
}

/** @returns the topics to delete, in the order of their names */
function chosen(application: string, { own, doubtful }: OwnTopics, given: readonly string[] | undefined): string[] {
  const foreign = given?.find((topic) => !own.includes(topic) && !doubtful.includes(topic))
  if (foreign !== undefined)
    throw new InvalidRequestError(`there is no internal topic '${foreign}' of an application '${application}'`)
  if (!given && doubtful.length > 0)
    throw new InvalidRequestError(
      `nothing tells whether application '${application}' has made ` +
        `${doubtful.map((topic) => `'${topic}'`).join(', ')}, or another one whose name begins with ` +
        `'${application}-': no commit tells. Name all internal topics to delete: --internal-topics ` +
        `${[...own, ...doubtful].sort().join(' ')}`,
    )
  return [...(given ?? own)].sort()
}

/** @returns the former members */
async function withoutMembers(
  admin: Admin,
  transport: Transport,
  application: string,
  { isDryRun, isForced }: { readonly isDryRun: boolean; readonly isForced: boolean },
): Promise<string[]> {
  const { members } = await admin.describeGroup(application)
  if (members.length > 0 && !isForced)
    throw new InvalidRequestError(
      `application '${application}' has ${members.length} active ${members.length === 1 ? 'member' : 'members'}, ` +
        'which would go on from where they are; stop them first. ' +
        'One that has died is counted until its session is over; --force removes it at once',
    )
  if (!isDryRun) for (const member of members) await remove(transport, application, member)
  return members.map(({ id }) => id)
}

/** Leaves the group for a member. A member that still runs joins again. */
async function remove(
  transport: Transport,
  groupId: string,
  { id: memberId, instanceId }: GroupMemberDescription,
): Promise<void> {
  try {
    await transport.send(consumerGroupHeartbeat, {
      groupId,
      memberId,
      memberEpoch: -1,
      instanceId,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
    })
  } catch (error) {
    // It has left by itself.
    if (!isKafkaError(error, 'UNKNOWN_MEMBER_ID')) throw error
  }
}
