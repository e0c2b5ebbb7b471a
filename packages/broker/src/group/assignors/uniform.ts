import type { AssignableMember, Assignor } from './assignor.ts'

/** As even as subscriptions allow; members keep their partitions as far as possible. */
export const uniformAssignor: Assignor = (members, topics) => {
  const assignment = new Map(members.map(({ memberId }) => [memberId, new Set<number>()]))
  const subscribers = new Map<number, AssignableMember[]>()
  for (const { name, logIds } of topics) {
    const subscribed = members.filter(({ subscribedTopicNames }) => subscribedTopicNames.includes(name))
    if (subscribed.length > 0) for (const logId of logIds) subscribers.set(logId, subscribed)
  }
  const loadOf = ({ memberId }: AssignableMember): number => assignment.get(memberId)?.size ?? 0
  for (const [logId, subscribed] of subscribers) {
    const owner = subscribed.find(({ partitions }) => partitions.has(logId))
    if (owner) assignment.get(owner.memberId)?.add(logId)
  }
  for (const [logId, subscribed] of subscribers) {
    if (subscribed.some(({ memberId }) => assignment.get(memberId)?.has(logId))) continue
    const least = subscribed.reduce((chosen, member) => (loadOf(member) < loadOf(chosen) ? member : chosen))
    assignment.get(least.memberId)?.add(logId)
  }
  balance(assignment, subscribers, loadOf)
  return assignment
}

/** Moves partitions from members with more to members with at least two fewer, until no such pair is left. */
function balance(
  assignment: Map<string, Set<number>>,
  subscribers: ReadonlyMap<number, readonly AssignableMember[]>,
  loadOf: (member: AssignableMember) => number,
): void {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false
    for (const [memberId, owned] of assignment) {
      for (const logId of owned) {
        const others = subscribers.get(logId) ?? []
        const least = others.reduce((chosen, member) => (loadOf(member) < loadOf(chosen) ? member : chosen))
        if (least.memberId === memberId || loadOf(least) >= owned.size - 1) continue
        owned.delete(logId)
        assignment.get(least.memberId)?.add(logId)
        hasMoved = true
      }
    }
  }
}
