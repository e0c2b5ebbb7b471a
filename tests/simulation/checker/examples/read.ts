import { begin, place, three } from './begin-reading.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const fault = { type: 'fault', fault: 'answer lost' } as const
const over = { type: 'final-polls-over' } as const
const committing = (): Story => story().begins('t/1').sends('a', { in: 't/1', at: 0 }).ending('t/1', 'commit')

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
    kind: 'unseen',
    found: {
      'of a topic that nobody has told of': () =>
        story()
          .add('p', { type: 'send', value: 'z', topic: 'payments', producer: 'idempotent', order: 0 })
          .add('p', { type: 'sent', value: 'z', outcome: 'ok', topic: 'payments', partition: 0, offset: 0 })
          .sends('a', { at: 0 })
          .add('c', begin('c'))
          .add('world', over)
          .log('a'),

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
          .add('c', { type: 'seek', consumer: 'c', session: 1, ...place, offset: 1 })
          .reads('b@1')
          .add('world', over)
          .log('a b d'),
      'which nobody was told to be written': () =>
        story().sends('a', { outcome: 'unknown' }).add('c', begin('c')).add('world', over).log('a'),
    },
    legal: {
      'which topic of the name it was is told by its value': () =>
        story()
          .add('admin', { type: 'topic-deleted', topic, topicId })
          .creates({ topicId: 'o2' })
          .sends('a', { at: 0, topicId: 'o2', partition: 1 })
          .add('c', begin('c'))
          .reads('a@0', { isByName: true, partition: 1 })
          .add('world', over)
          .log('a', { topicId: 'o2', partition: 1 })
          .log('', { topicId: 'o2' }),

      'by one who began when all were being ended': () =>
        three().add('world', over).add('c', begin('c')).reads('a@0').log('a b d'),
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
          .add('c', { type: 'seek', consumer: 'c', session: 1, ...place, offset: 2 })
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
