import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import type { PartitionOf } from '../history/record-events.ts'
import { isAfter, type Moment, momentOf } from './moments.ts'

/** A partition as the groups know it: by the topic's id where it is said. */
export function partitionKey({ topic, topicId, partition }: PartitionOf): string {
  return `${topicId ?? topic}/${partition}`
}

export interface MemberFact {
  readonly memberId: string
  readonly instanceId: string | undefined
  readonly joined: EventOf<'heartbeat'>
  lastHeard: EventOf<'heartbeat'>
  /** When the group heard of it for the last time. */
  heardMs: number
  /** What the group gave it and what it has not said to have given up. */
  readonly held: Map<string, EventOf<'heartbeat'>>
  /** Since when the group asks for a partition back. */
  readonly askedBack: Map<string, number>
  hasLeft: boolean
}

interface Grant {
  readonly member: MemberFact
  readonly decided: Moment
}

/** A heartbeat may have been carried out a while before its answer was there. */
const answerSlackMs = 1000

/** What each group has told its members, as its answers say, and what members have said in turn. */
export class GroupBook {
  readonly #groups = new Map<string, Map<string, MemberFact>>()
  /** Who was given a partition, as the group decided so: answers may overtake one another. */
  readonly #granted = new Map<string, Grant[]>()
  /** When a member was out for certain: what was asked before then gives it nothing. */
  readonly #out = new Map<string, Moment>()
  /** When a member last asked to join: what it asked before is of another stay. */
  readonly #joined = new Map<string, Moment>()
  /** When each event happened. */
  readonly #times: number[] = []

  /** @returns what the answer gave to a member while others still had it */
  note(event: HistoryEvent): readonly { readonly partition: PartitionOf; readonly other: MemberFact }[] {
    this.#times.push(event.atMs)
    if (event.type === 'heartbeat-sent') this.#release(event, event.memberEpoch)
    return event.type === 'heartbeat' ? this.#heartbeat(event) : []
  }

  members(group: string): readonly MemberFact[] {
    return [...(this.#groups.get(group)?.values() ?? [])]
  }

  /**
   * Who was given a partition last.
   *
   * @param at before a moment: what the group decided later says nothing of it
   */
  ownerOf(group: string, partition: PartitionOf, at?: Moment): MemberFact | undefined {
    const grants = this.#granted.get(`${group} ${partitionKey(partition)}`)
    return grants?.findLast(({ decided }) => !at || !isAfter(decided, at))?.member
  }

  /** When the request of an answer came: not before the last event that was there already. */
  comeMs({ since, atMs }: EventOf<'heartbeat' | 'commit-taken'>): number {
    return since === undefined ? atMs : (this.#times[since - 1] ?? 0)
  }

  /**
   * Whether the group may have given up a member: it was silent for too long, or kept for too long what was asked back.
   */
  mayBeExpired({ lastHeard, heardMs, hasLeft, askedBack }: MemberFact, nowMs: number): boolean {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = lastHeard
    if (hasLeft || nowMs - heardMs >= sessionTimeoutMs - answerSlackMs) return true
    for (const sinceMs of askedBack.values()) if (nowMs - sinceMs >= rebalanceTimeoutMs - answerSlackMs) return true
    return false
  }

  #release(event: EventOf<'heartbeat' | 'heartbeat-sent'>, sentEpoch: number): void {
    const { group, memberId, owned } = event
    if (sentEpoch < 0) this.#out.set(`${group} ${memberId}`, momentOf(event))
    const member = this.#groups.get(group)?.get(memberId)
    if (!member) return
    if (sentEpoch <= 0) member.held.clear()
    if (sentEpoch < 0) member.hasLeft = true
    if (!owned) return
    const kept = new Set(owned.map(partitionKey))
    for (const key of member.held.keys()) if (!kept.has(key)) member.held.delete(key)
  }

  #heartbeat(event: EventOf<'heartbeat'>) {
    if (event.error !== undefined) {
      // Whom the group does not know any more has nothing.
      if (event.error.includes('UNKNOWN_MEMBER_ID')) this.#expel(event)
      return []
    }
    const name = `${event.group} ${event.memberId}`
    const asked = momentOf(event)
    const [out, joined] = [this.#out.get(name), this.#joined.get(name)]
    if (out && !isAfter(asked, out)) return []
    // Who joins anew has given up what an earlier join gave it.
    if (joined && isAfter(joined, asked)) return []
    if (event.sentEpoch === 0) this.#joined.set(name, asked)
    this.#release(event, event.sentEpoch)
    if (event.sentEpoch < 0) return []
    const member = this.#member(event)
    // What a member has sent frees a partition for others. The group asks for it until it has heard so.
    if (event.owned) {
      const kept = new Set(event.owned.map(partitionKey))
      for (const key of member.askedBack.keys()) if (!kept.has(key)) member.askedBack.delete(key)
    }
    return this.#give(member, event)
  }

  #expel(event: EventOf<'heartbeat'>): void {
    const { group, memberId } = event
    const member = this.#groups.get(group)?.get(memberId)
    // The answer to a later request was faster, so the member has joined anew since.
    if (member && isAfter(momentOf(member.lastHeard), momentOf(event))) return
    this.#groups.get(group)?.delete(memberId)
    this.#out.set(`${group} ${memberId}`, momentOf(event))
  }

  #member(event: EventOf<'heartbeat'>): MemberFact {
    const { group, memberId, instanceId } = event
    let members = this.#groups.get(group)
    if (!members) this.#groups.set(group, (members = new Map()))
    let member = members.get(memberId)
    if (!member || (member.hasLeft && event.sentEpoch === 0)) {
      // A static member comes back under another id, and what it had is its own still.
      for (const [id, other] of members)
        if (instanceId !== undefined && other.instanceId === instanceId) members.delete(id)
      member = {
        memberId,
        instanceId,
        joined: event,
        lastHeard: event,
        heardMs: 0,
        held: new Map(),
        askedBack: new Map(),
        hasLeft: false,
      }
      members.set(memberId, member)
    }
    if (!isAfter(momentOf(member.lastHeard), momentOf(event))) member.lastHeard = event
    member.heardMs = Math.max(member.heardMs, this.comeMs(event))
    return member
  }

  #give(member: MemberFact, event: EventOf<'heartbeat'>) {
    if (!event.assignment) return []
    const given = new Set(event.assignment.map(partitionKey))
    for (const key of member.held.keys()) {
      if (given.has(key)) member.askedBack.delete(key)
      else if (!member.askedBack.has(key)) member.askedBack.set(key, member.heardMs)
    }
    const conflicts = event.assignment.flatMap((partition) => {
      const key = partitionKey(partition)
      this.#grant(`${event.group} ${key}`, { member, decided: momentOf(event) })
      if (member.held.has(key)) return []
      member.held.set(key, event)
      member.askedBack.delete(key)
      return this.#others(member, event, key).map((other) => ({ partition, other }))
    })
    return conflicts
  }

  #grant(key: string, grant: Grant): void {
    let grants = this.#granted.get(key)
    if (!grants) this.#granted.set(key, (grants = []))
    const before = grants.findLastIndex(({ decided }) => !isAfter(decided, grant.decided))
    grants.splice(before + 1, 0, grant)
  }

  /** Of two answers the one that was asked for later tells who has it: the other one has to be out by then. */
  #others(member: MemberFact, event: EventOf<'heartbeat'>, key: string): readonly MemberFact[] {
    return this.members(event.group).filter((other) => {
      const given = other.held.get(key)
      if (other === member || !given) return false
      const isLate = isAfter(momentOf(given), momentOf(event))
      return isLate ? !this.mayBeExpired(member, given.atMs) : !this.mayBeExpired(other, event.atMs)
    })
  }
}
