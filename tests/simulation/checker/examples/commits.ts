import type { Examples } from './example.ts'
import { GroupStory, offsets, places } from './group-story.ts'
import { aheadInTheNextStay } from './recreated.ts'
import { type Story, topic, topicId } from './story.ts'

const dayMs = 24 * 60 * 60 * 1000
const group = (...setting: ConstructorParameters<typeof Story>): GroupStory => new GroupStory(...setting)
const owning = (): GroupStory => group().tells('assigned', 'm', 0, 1)
const three = (): GroupStory => owning().sends('a', { at: 0 }).sends('b', { at: 1 }).sends('d', { at: 2 })
const crash = { type: 'crash', what: 'storage' } as const
const taken = (): GroupStory => group().commit(1, 'm', 5).takes('m', 5).answers(1)
const both = (offset: number) => ({ offsets: [...offsets(offset), ...offsets(offset, 1)] })
/** Of the second one, the other partition is refused. */
const takenInPart = (outcome: 'failed' | 'unknown'): GroupStory =>
  taken().commit(2, 'm', 9, both(9)).takes('m', 9).refuses(2, 1, outcome)

/** What members commit, and what becomes of it. */
export const commits: readonly Examples[] = [
  {
    kind: 'commit-of-others',
    found: {
      'of what an answer gives to another member': () =>
        group()
          .says('m', [], 0)
          .beats('m', { sentEpoch: 0, assignment: places(1) })
          .says('n', [], 0)
          .beats('n', { sentEpoch: 0, assignment: places(0) })
          .commit(1, 'm', 5),

      'after it has left, though it said what it had': () => owning().says('m', places(0, 1), -1).commit(1, 'm', 5),

      'after the group was told that it is given up': () =>
        owning().tells('revoked', 'm', 0).says('m', places(1)).commit(1, 'm', 5),
      'after the partition was lost': () => owning().tells('lost', 'm', 0).commit(1, 'm', 5),
      'of a partition that it never had': () => group().tells('assigned', 'm', 1).commit(1, 'm', 5),
      'as nobody, of a partition that it never had': () =>
        group().tells('assigned', 'm', 1).says('m', [], -1).commit(1, 'm', 5, { memberId: '', memberEpoch: -1 }),
      'as nobody, of what was lost': () =>
        owning().tells('lost', 'm', 0, 1).says('m', [], -1).commit(1, 'm', 5, { memberId: '', memberEpoch: -1 }),
      'after it has left, as the member that it was': () =>
        owning().tells('revoked', 'm', 0, 1).says('m', [], -1).commit(1, 'm', 5),
      'as a static member that has left, of what it had given up before': () =>
        owning().tells('revoked', 'm', 0).says('m', places(1)).says('m', [], -2).commit(1, 'm', 5, { memberEpoch: -2 }),
      'as a static member, by one that has left for good': () =>
        owning().says('m', [], -1).commit(1, 'm', 5, { memberEpoch: -2 }),
    },
    legal: {
      'of what an answer gives, before its caller is told': () =>
        group()
          .says('m', [], 0)
          .beats('m', { sentEpoch: 0, assignment: places(0) })
          .commit(1, 'm', 5)
          .tells('assigned', 'm', 0),

      'of what is revoked, while it tells the group that it has it': () =>
        owning().tells('revoked', 'm', 0).says('m', places(0, 1)).commit(1, 'm', 5),

      'of what it owns': () => owning().says('m', places(0, 1)).commit(1, 'm', 5),
      'of what is revoked, before the group is told': () =>
        owning().tells('revoked', 'm', 0).says('m').commit(1, 'm', 5).says('m', places(1)),
      'as nobody, of what it had when it left': () =>
        owning().tells('revoked', 'm', 0, 1).says('m', [], -1).commit(1, 'm', 5, { memberId: '', memberEpoch: -1 }),
      'as a static member that has left, of what the group keeps for it': () =>
        owning().tells('revoked', 'm', 0, 1).says('m', [], -2).commit(1, 'm', 5, { memberEpoch: -2 }),
      'of what came back': () =>
        owning().tells('revoked', 'm', 0).says('m', places(1)).tells('assigned', 'm', 0).commit(1, 'm', 5),
      'of a consumer that chose its partitions': () => group().commit(1, 'm', 5, { memberId: '', memberEpoch: -1 }),
    },
  },
  {
    kind: 'commit-ahead',
    found: {
      'behind a record that is not processed': () => three().gives('a@0 b@1').done(1).commit(1, 'm', 2),
      'behind all that was given, in a transaction': () =>
        three().gives('a@0').commit(1, 'm', 1, { how: 'transaction' }),
      'as nobody, after it has left': () =>
        three().gives('a@0').says('m', [], -1).commit(1, 'm', 1, { memberId: '', memberEpoch: -1 }),
      'behind a record given before another one joined': () => three().gives('a@0').says('n', [], 0).commit(1, 'm', 1),
      'behind what was not given': () => three().gives('a@0').done(0).commit(1, 'm', 3).log('a b d'),
      'behind what was not given, in the stay after one with a record that nobody can place': aheadInTheNextStay,
      'behind a record read before the commit of another consumer': () =>
        three().gives('a@0 b@1').done(0, 'n').done(1).commit(1, 'm', 2),
    },
    legal: {
      'its position was removed, and it goes on at the end': () =>
        three()
          .add('m', {
            type: 'reading',
            consumer: 'M',
            group: 'g',
            topics: [topic],
            isolation: 'read_committed',
            from: 'latest',
            isToSeeAll: false,
          })
          .gives('a@0')
          .done(0)
          .add('admin', {
            type: 'records-removed',
            topic,
            topicId,
            partition: 0,
            why: 'delete-records',
            logStartOffset: 2,
          })
          .commit(1, 'm', 3)
          .log('d', { start: 2 }),

      'behind all that is processed side by side': () =>
        three()
          .gives('b@1', 'm', { how: 'parallel' })
          .gives('a@0', 'm', { how: 'parallel' })
          .done(1)
          .done(0)
          .commit(1, 'm', 2)
          .log('a b d'),

      'at the lowest that is not processed': () => three().gives('a@0 b@1 d@2').done(0).done(2).commit(1, 'm', 1),
      'behind all that is processed': () => three().gives('a@0 b@1').done(1).done(0).commit(1, 'm', 2).log('a b d'),
      'behind markers and what was aborted': () =>
        owning()
          .sends('a', { at: 0 })
          .begins('t/1')
          .sends('x', { in: 't/1', at: 1 })
          .aborts('t/1')
          .gives('a@0')
          .done(0)
          .commit(1, 'm', 3)
          .log('a x:aborted -'),
      'what is not processed went with the partition': () =>
        three().gives('a@0').tells('lost', 'm', 0).gives('a@0 b@1', 'n').tells('assigned', 'm', 0).commit(1, 'm', 2),
      'it joins anew, where nothing was committed, and begins at the end': () =>
        three()
          .gives('a@0 b@1')
          .says('m', [], -1)
          .says('m', [], 0)
          .beats('m', { sentEpoch: 0, assignment: places(0) })
          .commit(1, 'm', 3),
      'what is not processed was left by a seek': () =>
        three()
          .gives('a@0')
          .add('m', { type: 'seek', consumer: 'M', session: 1, topic, topicId, partition: 0, offset: 2 })
          .commit(1, 'm', 2),
      'of another partition': () =>
        three()
          .gives('a@0')
          .commit(1, 'm', 5, { offsets: offsets(5, 1) }),
      'the position where it begins': () => three().commit(1, 'm', 3).log('a b d'),
      'in a later session': () => three().gives('a@0').gives('b@1', 'm', { session: 2 }).done(1).commit(1, 'm', 2),
    },
  },
  {
    kind: 'lost-commit',
    found: {
      'the storage failed with one, and the group holds another one': () => taken().leaves('m', 3).holds(7),
      'the storage failed with it, and a later one was taken since': () =>
        group().leaves('m', 3).commit(1, 'm', 5).takes('m', 5).answers(1).add('disk', crash).holds(3),
      'the storage failed with one that was taken in another attempt, behind the one that the group holds': () =>
        group()
          .commit(1, 'm', 5)
          .leaves('m', 5)
          .commit(2, 'm', 3)
          .takes('m', 3)
          .answers(2)
          .takes('m', 5)
          .answers(1)
          .holds(3),
      'it is asked when a later one was answered': () =>
        taken().commit(2, 'm', 9).takes('m', 9).answers(2).holds(5, { since: 7 }),
      'the one that it holds was answered before the other one came': () =>
        group()
          .commit(1, 'm', 5)
          .commit(2, 'm', 9)
          .takes('m', 9, { since: 3 })
          .takes('m', 5, { since: 4 })
          .answers(2)
          .answers(1)
          .holds(9),

      'the group holds what was committed before it went back': () =>
        taken().commit(2, 'm', 7).takes('m', 7).answers(2).commit(3, 'm', 5).takes('m', 5).answers(3).holds(7),
      'the answer of the older one came last': () =>
        group().commit(1, 'm', 5).takes('m', 5).commit(2, 'm', 9).takes('m', 9).answers(2).answers(1).holds(5),

      'the group holds an older one': () =>
        group().commit(0, 'm', 3).takes('m', 3).answers(0).commit(1, 'm', 5).takes('m', 5).answers(1).holds(3),
      'the group holds an older one, and the other partition was refused': () => takenInPart('failed').holds(5),
      'the group holds an older one, and nobody knows of the other partition': () => takenInPart('unknown').holds(5),
      'the group holds what it refused while it took the other partition': () =>
        taken()
          .commit(2, 'm', 9, both(9))
          .takes('m', 9, { offsets: offsets(9, 1) })
          .refuses(2, 0)
          .holds(9),
      'the group holds none': () => taken().holds(-1),
      'the group says nothing of it': () => taken().add('server', { type: 'committed', group: 'g', offsets: [] }),
      'the group says of another partition alone what it holds': () =>
        taken().add('server', { type: 'committed', group: 'g', offsets: offsets(3, 1) }),
      'the group holds what nobody committed': () => taken().holds(7),
      'the group holds what is committed later': () => taken().holds(9).commit(2, 'm', 9),
      'the group holds what its client was told to be refused': () =>
        taken().commit(2, 'm', 9).answers(2, 'failed').holds(9),
      'the group holds again what was answered long ago': () =>
        group().commit(0, 'm', 3).answers(0).commit(1, 'm', 5).takes('m', 5).answers(1).holds(3),
    },
    legal: {
      'the storage failed with a late copy of an older one, and has kept it over the crash': () =>
        group()
          .commit(0, 'm', 3)
          .takes('m', 3)
          .answers(0)
          .commit(1, 'm', 5)
          .takes('m', 5)
          .answers(1)
          .leaves('m', 3)
          .add('disk', crash)
          .holds(3),
      'of two that are under way together the one that it holds is answered first': () =>
        group()
          .commit(1, 'm', 5)
          .commit(2, 'm', 9)
          .takes('m', 9, { since: 3 })
          .takes('m', 5, { since: 3 })
          .answers(2)
          .answers(1)
          .holds(9),
      'another one is answered while it is asked': () =>
        taken().commit(2, 'm', 9).takes('m', 9).answers(2).holds(5, { since: 4 }),
      'one was under way when it was asked, which was taken in a crash': () =>
        taken().commit(2, 'm', 9).add('disk', crash).answers(2).holds(9, { since: 6 }),
      'one that nobody was told of was taken in a crash': () =>
        taken().commit(2, 'm', 9).add('disk', { type: 'crash', what: 'storage' }).holds(9),
      'one that is still under way was taken in a crash, and its client is told after another attempt': () =>
        taken().commit(2, 'm', 9).add('disk', { type: 'crash', what: 'storage' }).holds(9).takes('m', 9).answers(2),
      'one that is still under way was taken in a crash, and the other partition is refused': () =>
        taken()
          .commit(2, 'm', 9, both(9))
          .add('disk', { type: 'crash', what: 'storage' })
          .holds(9)
          .takes('m', 9)
          .refuses(2, 1),
      'the partition that it took is there, and the other one was refused': () => takenInPart('failed').holds(9),
      'an older one that nobody was told of arrived late': () =>
        group().commit(0, 'm', 3).answers(0, 'unknown').commit(1, 'm', 5).takes('m', 5).answers(1).holds(3),

      'that of another member was taken, and nobody was told': () =>
        taken().commit(2, 'm', 9).commit(3, 'n', 9).takes('n', 9).holds(9),
      'that of a transaction is forgotten with it': () =>
        group()
          .takes('m', 3)
          .commit(1, 'm', 5, { how: 'transaction', transactionalId: 't', transaction: 1 })
          .takes('m', 5, { transactionalId: 't' })
          .answers(1)
          .holds(3),

      'it is there': () => taken().holds(5),
      'a later one is there': () => taken().commit(2, 'm', 9).takes('m', 9).answers(2, 'unknown').holds(9),
      'a later one was taken back by a crash': () =>
        taken()
          .commit(2, 'm', 9)
          .takes('m', 9)
          .answers(2, 'unknown')
          .add('disk', { type: 'crash', what: 'storage' })
          .holds(5),
      'a late copy of an older one was taken': () =>
        group()
          .commit(0, 'm', 3)
          .takes('m', 3)
          .answers(0)
          .commit(1, 'm', 5)
          .takes('m', 5)
          .answers(1)
          .takes('m', 3)
          .holds(3),
      'another group says nothing of it': () => taken().add('server', { type: 'committed', group: 'h', offsets: [] }),
      'the group says nothing of what nobody was told of': () =>
        group().commit(1, 'm', 5).takes('m', 5).add('server', { type: 'committed', group: 'g', offsets: [] }),
      'nobody was told that it was taken': () =>
        group().commit(1, 'm', 5).takes('m', 5).answers(1, 'unknown').holds(-1),
      'that of a transaction came between': () =>
        group().takes('m', 8, { transactionalId: 't' }).commit(1, 'm', 5).takes('m', 5).answers(1).holds(8),
      'an admin has set it': () =>
        taken()
          .add('admin', { type: 'offsets-reset', group: 'g', offsets: offsets(0) })
          .holds(0),
      'the topic was deleted': () => taken().add('admin', { type: 'topic-deleted', topic, topicId }).holds(-1),
      'nobody has used it for days': () =>
        taken()
          .after(8 * dayMs)
          .holds(-1),
      'the clock of the server jumped': () =>
        taken().add('server', { type: 'clock-set', clock: 'server', byMs: dayMs }).holds(-1),
    },
  },
]
