import type { AssignableMember, Assignor } from './assignor.ts'
import { subscribersByTopic } from './subscribers.ts'

/** As even as subscriptions allow; members keep their partitions as far as possible. */
export const uniformAssignor: Assignor = (members, topics) => {
  const loads = new Loads(members)
  const byTopic = subscribersByTopic(members)
  const subscribers = new Map<number, readonly AssignableMember[]>()
  for (const { name, logIds } of topics) {
    const subscribed = byTopic.get(name)
    if (subscribed) for (const logId of logIds) subscribers.set(logId, subscribed)
  }
  const owners = ownersOf(members)
  const subscribes = membershipOf(byTopic.values())
  const unassigned: number[] = []
  for (const [logId, subscribed] of subscribers) {
    const owner = owners.get(logId)
    if (owner && subscribes(subscribed, owner)) loads.give(owner, logId)
    else unassigned.push(logId)
  }
  for (const logId of unassigned) loads.give(loads.least(subscribers.get(logId) as AssignableMember[]), logId)
  balance(loads, subscribers)
  return loads.assignment
}

/** The member that has each partition so far; the first one, if there were several. */
function ownersOf(members: readonly AssignableMember[]): ReadonlyMap<number, AssignableMember> {
  const owners = new Map<number, AssignableMember>()
  for (const member of members) for (const logId of member.partitions) if (!owners.has(logId)) owners.set(logId, member)
  return owners
}

/** Whether a member is in one of these lists, without looking through it for each partition. */
function membershipOf(
  lists: Iterable<readonly AssignableMember[]>,
): (list: readonly AssignableMember[], member: AssignableMember) => boolean {
  const sets = new Map(Array.from(lists, (list) => [list, new Set(list)] as const))
  return (list, member) => sets.get(list)?.has(member) === true
}

/** Moves partitions from members with more to members with at least two fewer, until no such pair is left. */
function balance(loads: Loads, subscribers: ReadonlyMap<number, readonly AssignableMember[]>): void {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false
    for (const [memberId, owned] of loads.assignment) {
      for (const logId of owned) {
        const least = loads.least(subscribers.get(logId) as AssignableMember[])
        if (least.memberId === memberId || loads.of(least) >= owned.size - 1) continue
        loads.take(memberId, logId)
        loads.give(least, logId)
        hasMoved = true
      }
    }
  }
}

/** How many partitions each member has. Only a change makes it look for the least loaded of a list again. */
class Loads {
  readonly assignment: Map<string, Set<number>>
  readonly #least = new Map<readonly AssignableMember[], { readonly member: AssignableMember; readonly at: number }>()
  #changes = 0

  constructor(members: readonly AssignableMember[]) {
    this.assignment = new Map(members.map(({ memberId }) => [memberId, new Set<number>()]))
  }

  of({ memberId }: AssignableMember): number {
    return this.assignment.get(memberId)?.size ?? 0
  }

  give({ memberId }: AssignableMember, logId: number): void {
    this.assignment.get(memberId)?.add(logId)
    this.#changes++
  }

  take(memberId: string, logId: number): void {
    this.assignment.get(memberId)?.delete(logId)
    this.#changes++
  }

  /** The first of those with the fewest partitions. */
  least(members: readonly AssignableMember[]): AssignableMember {
    const known = this.#least.get(members)
    if (known?.at === this.#changes) return known.member
    const member = members.reduce((chosen, other) => (this.of(other) < this.of(chosen) ? other : chosen))
    this.#least.set(members, { member, at: this.#changes })
    return member
  }
}
