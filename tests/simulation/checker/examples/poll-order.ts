import { begin, place, three } from './begin-reading.ts'
import { type Examples, story } from './example.ts'
import { topic, topicId } from './story.ts'

const removed = (logStartOffset: number) =>
  ({ type: 'records-removed', ...place, why: 'delete-records', logStartOffset }) as const

/** The order in which readers are given records. */
export const pollOrder: readonly Examples[] = [
  {
    kind: 'non-monotonic-poll',
    found: {
      'an older record after a newer one': () => three().reads('a@0 b@1').reads('a@0').log('a b d'),
      'which topic of the name it was is known from the send': () =>
        story().creates({ topicId: 'o2' }).sends('a', { at: 0, isByName: true }).reads('a@0 a@0', { isByName: true }),
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
      'without keys, side by side': () => three().reads('b@1', { how: 'parallel' }).reads('a@0', { how: 'parallel' }),
      'nobody can tell which topic of the name it was': () =>
        story()
          .sends('b', { at: 1 })
          .reads('b@1')
          .send('a')
          .add('admin', { type: 'topic-deleted', topic, topicId })
          .creates({ topicId: 'o2' })
          .sent('a', { at: 0, isByName: true })
          .reads('a@0', { isByName: true }),
      'after a seek': () =>
        three()
          .reads('a@0 b@1')
          .add('c', { type: 'seek', consumer: 'c', session: 1, ...place, offset: 0 })
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
      'what was removed lies before its position, and it goes on at the end': () =>
        three()
          .add('c', begin('c', { from: 'latest', isToSeeAll: false }))
          .reads('a@0')
          .add('admin', removed(1))
          .reads('d@2')
          .log('b d', { start: 1 }),
      'its position was removed, and it goes on behind the start': () =>
        three()
          .add('c', begin('c'))
          .reads('a@0')
          .add('admin', removed(2))
          .sends('e', { at: 3 })
          .reads('e@3')
          .log('d e', { start: 2 }),
      'its position is removed later': () =>
        three()
          .add('c', begin('c', { from: 'latest', isToSeeAll: false }))
          .sends('e', { at: 3 })
          .reads('a@0 e@3')
          .add('admin', removed(2))
          .log('d e', { start: 2 }),

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
      'its position was removed, and it goes on at the end': () =>
        three()
          .add('c', begin('c', { from: 'latest', isToSeeAll: false }))
          .reads('a@0')
          .add('admin', removed(2))
          .sends('e', { at: 3 })
          .reads('e@3')
          .log('d e', { start: 2 }),

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
          .add('c', { type: 'seek', consumer: 'c', session: 1, ...place, offset: 2 })
          .reads('d@2')
          .log('a b d'),
      'after a rebalance': () =>
        three()
          .reads('a@0')
          .add('c', { type: 'revoked', consumer: 'c', group: 'g', session: 1, partitions: [place] })
          .reads('b@1', { by: 'd' })
          .reads('d@2')
          .log('a b d'),
      'what begins side by side': () => three().reads('a@0 d@2', { how: 'parallel' }).log('a b d'),
    },
  },
]
