import type { ConsumerGroup } from './consumer-group.ts'

/** The assignor that most members ask for; members that ask for none have no vote. */
export function preferredAssignor(group: ConsumerGroup): string {
  const votes = new Map<string, number>()
  for (const { description } of group.members.values()) {
    if (description.serverAssignor !== null)
      votes.set(description.serverAssignor, (votes.get(description.serverAssignor) ?? 0) + 1)
  }
  return (
    [...votes].sort(
      ([leftName, left], [rightName, right]) => right - left || (leftName < rightName ? -1 : 1),
    )[0]?.[0] ?? 'uniform'
  )
}
