import type { Changes } from '../records/changes.ts'
import type { Assignor } from './assignors/assignor.ts'
import { rangeAssignor } from './assignors/range.ts'
import { uniformAssignor } from './assignors/uniform.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { isSame } from './group-member.ts'
import type { GroupTopics } from './group-topics.ts'
import { preferredAssignor } from './preferred-assignor.ts'

/** The assignors by the names that members ask for. */
export const assignors: Readonly<Record<string, Assignor>> = { uniform: uniformAssignor, range: rangeAssignor }

/** Decides which member is to get each partition, once in each group epoch. The members follow step by step. */
export function assignTargets(changes: Changes, group: ConsumerGroup, groupTopics: GroupTopics): void {
  if (group.state.assignmentEpoch === group.state.groupEpoch) return
  const members = [...group.members].map(([memberId, { description, target }]) => ({
    memberId,
    subscribedTopicNames: groupTopics.namesOf(description),
    partitions: target,
  }))
  const topics = groupTopics.subscribed(group).map(({ name, partitions }) => ({
    name,
    logIds: partitions.map(({ logId }) => logId),
  }))
  const assignorName = preferredAssignor(group)
  const assignment = (assignors[assignorName] as Assignor)(members, topics)
  for (const [memberId, target] of assignment)
    if (!isSame(target, group.members.get(memberId)?.target)) group.writeTarget(changes, memberId, target)
  group.writeGroup(changes, { assignmentEpoch: group.state.groupEpoch, assignorName })
}
