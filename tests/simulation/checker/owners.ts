import type { EventOf } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import { GroupBook } from './group-book.ts'

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
    'a group took offsets from who does not own the partition by its own book, so work of others is skipped or done again',
  *find({ events }) {
    const book = new GroupBook()
    for (const event of events) {
      book.note(event)
      if (event.type !== 'commit-taken') continue
      const { group, memberId, offsets, atMs } = event
      if (memberId === '') {
        const member = book
          .members(group)
          .find((one) => !book.mayBeExpired(one, atMs) && book.comeMs(event) - one.joined.atMs >= joinedForMs)
        if (!member || event.transactionalId !== undefined) continue
        yield finding(`${group} took a commit of nobody, and ${member.memberId} is in it`, member.lastHeard, event)
        continue
      }
      for (const place of offsets) {
        const owner = book.ownerOf(group, place)
        if (!owner || owner.memberId === memberId) continue
        const what = `${place.topic}/${place.partition} at ${place.offset}`
        yield finding(`${group} took ${what} of ${memberId}, and ${owner.memberId} has it`, owner.lastHeard, event)
      }
    }
  },
}
