import type { EventOf } from '../history/history-event.ts'
import type { OffsetOf } from '../history/record-events.ts'
import { type Anomaly, finding } from './anomaly.ts'
import { GroupBook, type MemberFact } from './group-book.ts'
import { momentOf } from './moments.ts'

export const twoOwners: Anomaly = {
  kind: 'two-owners',
  meaning: 'a group gave a partition to a member while another one had it, was heard, and had not given it up',
  *find({ events }) {
    const book = new GroupBook()
    for (const event of events) {
      for (const { partition, other } of book.note(event)) {
        const { memberId } = event as EventOf<'heartbeat'>
        const place = `${partition.topic}/${partition.partition}`
        const given = [...other.held.values()].findLast(({ assignment }) =>
          assignment?.some((one) => one.topic === partition.topic),
        )
        yield finding(`${place} was given to ${memberId}, and ${other.memberId} has it`, given, other.lastHeard, event)
      }
    }
  },
}

/** How much longer than the answer of its heartbeat a member is in the group for certain. */
const joinedForMs = 1000

export const strangerCommitTaken: Anomaly = {
  kind: 'stranger-commit-taken',
  meaning:
    'a group took offsets from who does not own the partition by its own book, so work of others is skipped or done ' +
    'again',
  *find({ events }) {
    const book = new GroupBook()
    const sent = new Set<string>()
    for (const event of events) {
      book.note(event)
      if (event.type === 'commit') noteSent(sent, book, event)
      if (event.type !== 'commit-taken') continue
      const { group, memberId, memberEpoch, offsets, atMs } = event
      if (memberId === '') {
        const member = book
          .members(group)
          .find((one) => !book.mayBeExpired(one, atMs) && book.comeMs(event) - one.joined.atMs >= joinedForMs)
        if (!member || event.transactionalId !== undefined) continue
        yield finding(`${group} took a commit of nobody, and ${member.memberId} is in it`, member.lastHeard, event)
        continue
      }
      for (const place of offsets) {
        const owner = book.ownerOf(group, place, momentOf(event))
        if (!owner || owner.memberId === memberId) continue
        // What was on its way for long is taken as long as the member has its epoch, as Kafka does.
        const isOfItsEpoch = book
          .members(group)
          .some((one) => one.memberId === memberId && epochOf(one) === memberEpoch)
        if (isOfItsEpoch && sent.has(commitKey(event, place))) continue
        const what = `${place.topic}/${place.partition} at ${place.offset}`
        yield finding(`${group} took ${what} of ${memberId}, and ${owner.memberId} has it`, owner.lastHeard, event)
      }
    }
  },
}

/** What a member has sent while the partition was its own. */
function noteSent(sent: Set<string>, book: GroupBook, event: EventOf<'commit'>): void {
  for (const place of event.offsets)
    if (book.ownerOf(event.group, place)?.memberId === event.memberId) sent.add(commitKey(event, place))
}

function commitKey({ group, memberId, memberEpoch }: EventOf<'commit' | 'commit-taken'>, place: OffsetOf): string {
  return `${group} ${memberId} ${memberEpoch} ${place.topic}/${place.partition}@${place.offset}`
}

function epochOf({ lastHeard }: MemberFact): number {
  return lastHeard.memberEpoch ?? lastHeard.sentEpoch
}
