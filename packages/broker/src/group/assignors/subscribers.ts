import type { AssignableMember } from './assignor.ts'

/** The members that subscribe to each topic, in the order of the members. */
export function subscribersByTopic(members: readonly AssignableMember[]): ReadonlyMap<string, AssignableMember[]> {
  const byTopic = new Map<string, AssignableMember[]>()
  for (const member of members) {
    for (const name of new Set(member.subscribedTopicNames)) {
      const subscribed = byTopic.get(name)
      if (subscribed) subscribed.push(member)
      else byTopic.set(name, [member])
    }
  }
  return byTopic
}
