import type { EventOf } from '../../history/history-event.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const place = { topic, topicId, partition: 0 }
const fault = { type: 'fault', fault: 'answer lost' } as const
const over = { type: 'final-polls-over' } as const
const committing = (): Story => story().begins('t/1').sends('a', { in: 't/1', at: 0 }).ending('t/1', 'commit')
const three = (): Story => story().sends('a', { at: 0 }).sends('b', { at: 1 }).sends('d', { at: 2 })

function begin(by: string, reading: Partial<EventOf<'reading'>> = {}): EventContentOfReading {
  return {
    type: 'reading',
    consumer: by,
    topics: [topic],
    isolation: 'read_committed',
    from: 'earliest',
    isToSeeAll: true,
    ...reading,
  }
}
type EventContentOfReading = Omit<EventOf<'reading'>, 'sequence' | 'atMs' | 'process'>

/** What readers are given. */
export const read: readonly Examples[] = [
  {
    kind: 'aborted-read',
    found: {
      'the log says that it was aborted': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .ending('t/1', 'commit')
          .ended('t/1', 'unknown')
          .reads('a@0')
          .log('a:aborted -'),
      'its producer was told so': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).aborts('t/1').reads('a@0'),
      'a record of a pipeline': () => story().reads('x@0').log('x:aborted -'),
    },
    legal: {
      'of a reader of uncommitted records': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .aborts('t/1')
          .reads('a@0', { isolation: 'read_uncommitted' })
          .log('a:aborted -'),
      'the transaction is committed, though nobody was told': () =>
        committing().ended('t/1', 'unknown').reads('a@0').log('a:committed -'),
    },
  },
  {
    kind: 'own-uncommitted-read',
    found: {
      'a transaction is given what it wrote': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .reads('a@0', { by: 'p', in: 't/1' })
          .commits('t/1')
          .log('a:committed -'),
    },
    legal: {
      'what an earlier transaction of the same id wrote': () =>
        committing()
          .ended('t/1', 'committed')
          .begins('t/2')
          .reads('a@0', { by: 'p', in: 't/2' })
          .commits('t/2')
          .log('a:committed -'),
      'of a reader of uncommitted records': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .reads('a@0', { by: 'p', in: 't/1', isolation: 'read_uncommitted' })
          .commits('t/1')
          .log('a:committed -'),
    },
  },
  {
    kind: 'uncommitted-read',
    found: {
      'before anybody asked for the commit': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).reads('a@0').commits('t/1').log('a:committed -'),
      'of a transaction that never ends': () => committing().ended('t/1', 'unknown').reads('a@0').log('a:open'),
    },
    legal: {
      'while the commit is under way': () => committing().reads('a@0').ended('t/1', 'committed').log('a:committed -'),
      'of a reader of uncommitted records': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .reads('a@0', { isolation: 'read_uncommitted' })
          .commits('t/1')
          .log('a:committed -'),
    },
  },
  {
    kind: 'non-monotonic-poll',
    found: {
      'an older record after a newer one': () => three().reads('a@0 b@1').reads('a@0').log('a b d'),
      'inside one poll': () => three().reads('b@1 a@0').log('a b d'),
      'a record twice': () => three().reads('a@0').reads('a@0'),
      'of a key, side by side': () =>
        story()
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'k' })
          .reads('b@1', { how: 'parallel' })
          .reads('a@0', { how: 'parallel' }),
    },
    legal: {
      'after a seek': () =>
        three()
          .reads('a@0 b@1')
          .add('c', { type: 'seek', consumer: 'c', ...place, offset: 0 })
          .reads('a@0 b@1 d@2'),
      'after the partition went and came back': () =>
        three()
          .reads('a@0 b@1')
          .add('c', { type: 'lost', consumer: 'c', group: 'g', session: 1, partitions: [place] })
          .reads('a@0'),
      'in another session': () => three().reads('a@0 b@1').reads('a@0', { session: 2 }),
      'of another consumer': () => three().reads('a@0 b@1').reads('a@0', { by: 'd' }),
      'of another key, side by side': () =>
        story()
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'j' })
          .reads('b@1', { how: 'parallel' })
          .reads('a@0', { how: 'parallel' }),
      'of the topic that has the name now': () =>
        three()
          .reads('a@0 b@1')
          .add('admin', { type: 'topic-deleted', topic, topicId })
          .creates({ topicId: 'o2' })
          .sends('e', { at: 0, topicId: 'o2' })
          .reads('e@0', { topicId: 'o2' }),
      'its position was gone': () =>
        three()
          .reads('a@0 b@1')
          .add('c', { type: 'position-reset', consumer: 'c', ...place, offset: 0 })
          .reads('a@0'),
      'it begins anew': () => three().reads('a@0 b@1').add('c', begin('c')).reads('a@0'),
    },
  },
  {
    kind: 'skipped-poll',
    found: {
      'a record in between was not given': () => three().reads('a@0').reads('d@2').log('a b d'),
      'inside one poll': () => three().reads('a@0 d@2').log('a b d'),
      'a committed one': () =>
        three()
          .begins('t/1')
          .sends('e', { by: 'p', in: 't/1', at: 3 })
          .commits('t/1')
          .sends('f', { at: 5 })
          .reads('d@2 f@5')
          .log('a b d e:committed - f'),
    },
    legal: {
      'what was aborted': () =>
        story()
          .sends('a', { at: 0 })
          .begins('t/1')
          .sends('x', { in: 't/1', at: 1 })
          .aborts('t/1')
          .sends('b', { at: 3 })
          .reads('a@0 b@3')
          .log('a x:aborted - b'),
      'what was compacted': () =>
        story({ cleanup: 'compact' })
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'j' })
          .sends('d', { at: 2, key: 'j' })
          .reads('a@0 d@2')
          .log('a:none:k - d:none:j'),
      'after a seek': () =>
        three()
          .reads('a@0')
          .add('c', { type: 'seek', consumer: 'c', ...place, offset: 2 })
          .reads('d@2')
          .log('a b d'),
      'after a rebalance': () =>
        three()
          .reads('a@0')
          .add('c', { type: 'revoked', consumer: 'c', group: 'g', session: 1, partitions: [place] })
          .reads('b@1', { by: 'd' })
          .reads('d@2')
          .log('a b d'),
      'what a filter leaves out': () => three().reads('a@0 d@2', { how: 'filter' }).log('a b d'),
      'what begins side by side': () => three().reads('a@0 d@2', { how: 'parallel' }).log('a b d'),
    },
  },
  {
    kind: 'unseen',
    found: {
      'a record was never given to a reader': () =>
        three().add('c', begin('c')).reads('a@0 b@1').add('world', over).log('a b d'),
      'to none of a group': () =>
        three()
          .add('c', begin('c', { group: 'g' }))
          .reads('a@0 b@1', { group: 'g' })
          .reads('d@2')
          .add('world', over)
          .log('a b d'),
      'which a seek did not pass over': () =>
        three()
          .add('c', begin('c'))
          .add('c', { type: 'seek', consumer: 'c', ...place, offset: 1 })
          .reads('b@1')
          .add('world', over)
          .log('a b d'),
      'which nobody was told to be written': () =>
        story().sends('a', { outcome: 'unknown' }).add('c', begin('c')).add('world', over).log('a'),
    },
    legal: {
      'two members of a group have seen all': () =>
        three()
          .add('c', begin('c', { group: 'g' }))
          .reads('a@0', { group: 'g' })
          .reads('b@1 d@2', { group: 'g', by: 'd' })
          .add('world', over)
          .log('a b d'),
      'the reader begins at the end': () =>
        three()
          .add('c', begin('c', { from: 'latest' }))
          .add('world', over)
          .log('a b d'),
      'the reader does not have to': () =>
        three()
          .add('c', begin('c', { isToSeeAll: false }))
          .add('world', over)
          .log('a b d'),
      'a seek passed over it': () =>
        three()
          .add('c', begin('c'))
          .reads('a@0')
          .add('c', { type: 'seek', consumer: 'c', ...place, offset: 2 })
          .reads('d@2')
          .add('world', over)
          .log('a b d'),
      'an admin has set the offset behind it': () =>
        three()
          .add('c', begin('c', { group: 'g' }))
          .add('admin', { type: 'offsets-reset', group: 'g', offsets: [{ ...place, offset: 3 }] })
          .add('world', over)
          .log('a b d'),
      'the position was gone': () =>
        story({ hasRetention: true })
          .sends('a', { at: 0 })
          .sends('b', { at: 1 })
          .add('c', begin('c'))
          .add('c', { type: 'position-reset', consumer: 'c', ...place, offset: 2 })
          .add('world', over)
          .log('b', { start: 1 }),
      'it was aborted': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .aborts('t/1')
          .add('c', begin('c'))
          .add('world', over)
          .log('a:aborted -'),
      'another topic': () =>
        three()
          .add('c', begin('c', { topics: ['payments'] }))
          .add('world', over)
          .log('a b d'),
      'the final polls never came': () => three().add('c', begin('c')).log('a b d'),
      'the reader was killed': () =>
        three().add('c', begin('c')).add('c', { type: 'killed' }).add('world', over).log('a b d'),
      'a plain one lies there twice and both were given': () =>
        story()
          .send('a', { producer: 'plain' })
          .add('net', fault)
          .sent('a', { at: 0 })
          .add('c', begin('c'))
          .reads('a@0 a@1')
          .add('world', over)
          .log('a a'),
    },
  },
]
