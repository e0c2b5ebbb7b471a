import type { Examples } from './example.ts'
import { GroupStory, places, timeouts } from './group-story.ts'
import { type Story, topic } from './story.ts'

const group = (...setting: ConstructorParameters<typeof Story>): GroupStory => new GroupStory(...setting)
/** The server has done nothing for a while, and now carries out all that has come. */
const stoodStill = (): GroupStory =>
  group().add('server', { type: 'stalled', forMs: 9000 }).after(9000).add('world', { type: 'note', text: 'all come' })
const together = (arrival: number) => ({ since: 3, arrival })
const joined = (): GroupStory => group().beats('m', { sentEpoch: 0, assignment: places(0, 1) })

/** Groups and their offsets. */
export const groups: readonly Examples[] = [
  {
    kind: 'two-owners',
    found: {
      'the answer of the member waited for a sync, and its session ran no longer': () =>
        joined()
          .after(30_000)
          .add('world', { type: 'note', text: 'it comes' })
          .beats('m', { since: 3 })
          .after(20_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) }),

      'one that has given up in time what was asked back keeps the rest': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .says('m', places(0))
          .beats('m', { owned: places(0) })
          .after(40_000)
          .beats('m')
          .after(20_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) }),

      'a member that was unknown joins anew, and another one gets what it has': () =>
        joined()
          .beats('m', { error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('m', { sentEpoch: 0, assignment: places(0) })
          .beats('n', { sentEpoch: 0, assignment: places(0) }),
      'a member has joined anew before it hears that it was unknown, and another one gets what it has': () =>
        joined()
          .says('m', [], 0)
          .beats('m', { sentEpoch: 0, assignment: places(0) })
          .beats('m', { since: 1, error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('n', { sentEpoch: 0, assignment: places(0) }),
      'the answer to who was asked first comes last, and the other one was given it at once': () =>
        group()
          .add('world', { type: 'note', text: 'm asks' })
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .beats('m', { sentEpoch: 0, since: 1, assignment: places(0) }),

      'a member that was unknown joins anew, and another one gets what it has, when all had come together': () =>
        stoodStill()
          .beats('m', { ...together(1), error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('m', { ...together(2), sentEpoch: 0, assignment: places(0) })
          .beats('n', { ...together(3), sentEpoch: 0, assignment: places(0) }),
      'a partition is given while another member has it': () =>
        joined().beats('n', { sentEpoch: 0, assignment: places(1) }),
      'it was asked back and not given up': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .after(500)
          .beats('n', { sentEpoch: 0, assignment: places(1) }),
      'another one was given up': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .says('m', places(1))
          .beats('n', { sentEpoch: 0, assignment: places(1) }),
      'it comes back to a member that has it no more': () =>
        joined()
          .says('m', places(0))
          .beats('m', { owned: places(0), assignment: places(0) })
          .beats('n', { sentEpoch: 0, assignment: places(1) })
          .beats('m', { assignment: places(0, 1) }),
    },
    legal: {
      'what it gave up in time is not heard by the group, and it is out with all that it has': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .says('m', places(0))
          .after(40_000)
          .beats('m')
          .after(20_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) }),

      'the answer of the member waited for a sync, and its session ran meanwhile': () =>
        joined()
          .after(30_000)
          .beats('m', { since: 2 })
          .after(20_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) }),

      'a member that keeps one partition for too long is out, with all that it has': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .after(40_000)
          .beats('m')
          .after(20_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) }),

      'the member joins anew, with nothing': () =>
        joined()
          .says('m', undefined, 0)
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) }),

      'the member has said that it gave it up': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .says('m', places(0))
          .beats('m', { owned: places(0) })
          .beats('n', { sentEpoch: 0, assignment: places(1) }),
      'the member has said so, and no answer is there': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .says('m', places(0))
          .beats('n', { sentEpoch: 0, assignment: places(1) }),
      'the member has left': () =>
        joined()
          .says('m', [], -1)
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) }),
      'the member is silent for longer than a session': () =>
        joined()
          .after(45_000)
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) }),
      'the member does not give up for longer than a rebalance takes': () =>
        joined()
          .beats('m', { assignment: places(0) })
          .after(40_000)
          .beats('m')
          .after(20_000)
          .beats('n', { sentEpoch: 0, assignment: places(1) }),
      'the answers that gave it something come last, when it was out already': () =>
        joined()
          .says('m')
          .beats('m', { since: 3, error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) })
          .beats('m', { since: 2, assignment: places(1) })
          .beats('m', { since: 3, assignment: places(1) }),
      'the answer that let it in comes last, when it was out already, and all had come together': () =>
        stoodStill()
          .beats('m', { ...together(2), error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('n', { ...together(3), sentEpoch: 0, assignment: places(0) })
          .beats('m', { ...together(1), sentEpoch: 0, assignment: places(0) }),
      'the answer to its first join comes last, when it has joined anew and another one got some of it': () =>
        stoodStill()
          .beats('m', { ...together(2), sentEpoch: 0, assignment: places(1) })
          .beats('n', { ...together(3), sentEpoch: 0, assignment: places(0) })
          .beats('m', { ...together(1), sentEpoch: 0, assignment: places(0, 1) }),
      'the answer that let it in comes last, when it has left already': () =>
        group()
          .says('m', [], 0)
          .says('m', [], -1)
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .beats('m', { sentEpoch: 0, since: 2, assignment: places(0) }),
      'the answer of its stay before comes last, when it has joined anew': () =>
        group()
          .beats('m', { sentEpoch: 0, assignment: places(0) })
          .says('m', [], 0)
          .beats('m', { sentEpoch: 0, since: 3, assignment: places(1) })
          .beats('n', { sentEpoch: 0, since: 3, assignment: places(0) })
          .beats('m', { since: 2, owned: places(0), assignment: places(0) }),
      'the answer that gave it something comes last, and it was silent since': () =>
        group()
          .add('world', { type: 'note', text: 'm asks' })
          .after(50_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .beats('m', { sentEpoch: 0, since: 1, assignment: places(0) }),
      'the group does not know the member any more': () =>
        joined()
          .beats('m', { error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) }),
      'a static member comes back under another id': () =>
        group()
          .beats('m', { sentEpoch: 0, instanceId: 'i', assignment: places(0) })
          .beats('n', { sentEpoch: 0, instanceId: 'i', assignment: places(0) }),
      'a member joins anew and gets what it had': () =>
        joined()
          .says('m', [], 0)
          .beats('m', { sentEpoch: 0, assignment: places(0, 1) }),
      'the partition of a topic that was made anew': () =>
        joined().beats('n', { sentEpoch: 0, assignment: [{ topic, topicId: 'o2', partition: 0 }] }),
      'two groups': () =>
        joined().add('server', {
          type: 'heartbeat',
          group: 'h',
          memberId: 'n',
          sentEpoch: 0,
          memberEpoch: 1,
          assignment: places(0),
          ...timeouts,
        }),
    },
  },
  {
    kind: 'stranger-commit-taken',
    found: {
      'of a member that was let in and was out again, when all had come together': () =>
        stoodStill()
          .beats('m', { ...together(2), error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('n', { ...together(3), sentEpoch: 0, assignment: places(0, 1) })
          .beats('m', { ...together(1), sentEpoch: 0, assignment: places(0) })
          .takes('m', 5),
      'of a member that has the partition no more, though the answer waited for a sync': () =>
        joined()
          .says('m', places(1))
          .beats('m', { owned: places(1), assignment: places(1) })
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .after(2000)
          .takes('m', 5, { since: 5 }),
      'of a member that has the partition no more': () =>
        joined()
          .says('m', places(1))
          .beats('m', { owned: places(1), assignment: places(1) })
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .takes('m', 5),
      'of nobody, while the group has members': () => joined().after(2000).beats('m').takes('', 5, { memberEpoch: -1 }),
      'of a member that sent it when it had the partition, and has another epoch by now': () =>
        joined()
          .commit(1, 'm', 5)
          .says('m', places(1))
          .beats('m', { owned: places(1), assignment: places(1), memberEpoch: 2 })
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .takes('m', 5),
      'of a member in a transaction': () =>
        joined()
          .says('m', [])
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) })
          .takes('m', 5, { transactionalId: 't' }),
    },
    legal: {
      'of nobody, before the first member joins, though the answer waited for a sync': () =>
        joined().after(2000).beats('m').takes('', 5, { memberEpoch: -1, since: 1 }),

      'of the owner': () => joined().takes('m', 5),
      'of a member that joined anew, when its last heartbeats had come together with that': () =>
        stoodStill()
          .beats('n', { ...together(1), assignment: places(0, 1) })
          .beats('m', { ...together(2), error: 'UNKNOWN_MEMBER_ID: who?' })
          .beats('n', { ...together(3), sentEpoch: 0, assignment: places(1) })
          .beats('m', { ...together(4), sentEpoch: 0, assignment: places(0) })
          .takes('m', 5),
      'of the owner, and of heartbeats that came together the first one of the other member is answered last': () =>
        stoodStill()
          .beats('m', { ...together(2), sentEpoch: 0, assignment: places(1) })
          .beats('n', { ...together(3), sentEpoch: 0, assignment: places(0) })
          .beats('m', { ...together(1), assignment: places(0, 1) })
          .takes('n', 5),
      'of the owner, and the partition was given to another one before the answer': () =>
        joined()
          .add('world', { type: 'note', text: 'm commits' })
          .says('m', [], -1)
          .beats('m', { sentEpoch: -1, memberEpoch: -1 })
          .beats('n', { sentEpoch: 0, assignment: places(0, 1) })
          .takes('m', 5, { since: 3 }),
      'of a member that sent it when it had the partition, and has its epoch still': () =>
        joined()
          .commit(1, 'm', 5)
          .says('m', places(1))
          .beats('m', { owned: places(1), assignment: places(1) })
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .takes('m', 5),
      'of the owner, and the answer that gave the partition to the one before comes late': () =>
        group()
          .add('world', { type: 'note', text: 'm asks' })
          .after(50_000)
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .beats('m', { sentEpoch: 0, since: 1, assignment: places(0) })
          .takes('n', 5),
      'of a member that has given it up, while nobody else has it': () =>
        joined()
          .says('m', places(1))
          .beats('m', { owned: places(1) })
          .takes('m', 5),
      'of nobody, when all have left': () => joined().after(2000).says('m', [], -1).takes('', 5, { memberEpoch: -1 }),
      'of nobody, when all are silent': () => joined().after(50_000).takes('', 5, { memberEpoch: -1 }),
      'of nobody, while the first member joins': () => joined().takes('', 5, { memberEpoch: -1 }),
      'of nobody in a transaction': () => joined().after(2000).takes('', 5, { memberEpoch: -1, transactionalId: 't' }),
    },
  },
]
