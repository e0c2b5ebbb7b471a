import type { Assignor } from './assignor.ts'
import { subscribersByTopic } from './subscribers.ts'

/**
 * Cuts each topic's partitions into ranges of nearly equal length, one per member, in order; so equal partitions of
 * several topics meet.
 */
export const rangeAssignor: Assignor = (members, topics) => {
  const assignment = new Map(members.map(({ memberId }) => [memberId, new Set<number>()]))
  const sorted = [...members].sort((left, right) => (left.memberId < right.memberId ? -1 : 1))
  const byTopic = subscribersByTopic(sorted)
  for (const { name, logIds } of topics) {
    const subscribed = byTopic.get(name) ?? []
    let next = 0
    subscribed.forEach(({ memberId }, index) => {
      const share = Math.floor(logIds.length / subscribed.length) + (index < logIds.length % subscribed.length ? 1 : 0)
      for (const logId of logIds.slice(next, next + share)) assignment.get(memberId)?.add(logId)
      next += share
    })
  }
  return assignment
}
