import type { Examples } from './example.ts'
import { place } from './begin-reading.ts'
import { story } from './example.ts'
import { topic, topicId, type Story } from './story.ts'

const seek = { type: 'seek', consumer: 'c', session: 1, topic, partition: 0 } as const
const sought = { type: 'sought', consumer: 'c' } as const
/** Three records that are there before anybody reads. */
const three = (...setting: Parameters<typeof story>): Story =>
  story(...setting)
    .sends('a', { at: 0 })
    .sends('b', { at: 1 })
    .sends('d', { at: 2 })
const went = (to: Story, timestamp = 20): Story => to.add('c', { ...seek, timestamp }).add('c', sought)
const young = { times: [10, 20, 30] }

/** Where readers go on that say a time. */
export const byTime: readonly Examples[] = [
  {
    kind: 'start-by-time',
    found: {
      'a younger record is passed over': () => went(three()).reads('d@2').log('a b d', young),
      'one that is written while it is looked for is passed over': () =>
        story()
          .sends('a', { at: 0 })
          .add('c', { ...seek, timestamp: 20 })
          .sends('b', { at: 1 })
          .add('c', sought)
          .sends('d', { at: 2 })
          .reads('d@2')
          .log('a b d', young),
      'it begins before the time': () => went(three()).reads('a@0').log('a b d', young),
      'it begins at an older record where none is as young': () => went(three(), 40).reads('d@2').log('a b d', young),
      'none is as young, and it reads what is not committed from where a transaction was open': () =>
        went(story().begins('t/1').sends('a', { in: 't/1', at: 0 }).sends('b', { at: 1 }), 40)
          .aborts('t/1')
          .reads('b@1', { isolation: 'read_uncommitted' })
          .log('a:aborted b -', { times: [10, 20] }),
      'an older one lies behind the first of the time': () =>
        went(three())
          .reads('d@2')
          .log('a b d', { times: [10, 20, 15] }),
    },
    legal: {
      'it begins at the first record of the time': () => went(three()).reads('b@1').reads('d@2').log('a b d', young),
      'an older one follows it': () =>
        went(three())
          .reads('b@1')
          .reads('d@2')
          .log('a b d', { times: [10, 20, 15] }),
      'an older one comes after the end': () =>
        went(story().sends('a', { at: 0 }))
          .sends('b', { at: 1 })
          .reads('b@1')
          .log('a b', { times: [10, 15] }),
      'a late copy of an older one comes after the end': () =>
        went(
          story()
            .send('a', { producer: 'plain' })
            .add('p', { type: 'fault', fault: 'lost answer p/0', operation: 'produce' })
            .sent('a', { at: 0 }),
        )
          .reads('a@1')
          .log('a a', { times: [10, 10] }),
      'it goes on elsewhere before it reads': () =>
        went(three())
          .add('c', { ...seek, offset: 2 })
          .reads('d@2')
          .log('a b d', young),
      'it did not get there': () =>
        three()
          .add('c', { ...seek, timestamp: 20 })
          .reads('d@2')
          .log('a b d', young),
      'the partition went and came back': () =>
        went(three())
          .add('c', { type: 'assigned', consumer: 'c', group: 'g', session: 1, partitions: [place] })
          .reads('d@2')
          .log('a b d', young),
      'its position was reset': () =>
        went(three())
          .add('c', { type: 'position-reset', consumer: 'c', topic, partition: 0 })
          .reads('d@2')
          .log('a b d', young),
      'it reads in the next session': () => went(three()).reads('a@0', { session: 2 }).log('a b d', young),
      'it goes to a time in another partition': () =>
        three()
          .add('c', { ...seek, partition: 1, timestamp: 20 })
          .add('c', sought)
          .reads('d@2')
          .log('a b d', young),
      'the first of the time is of a transaction that was aborted': () =>
        went(story().begins('t/1').sends('a', { in: 't/1', at: 0 }).aborts('t/1').sends('b', { at: 2 }))
          .reads('b@2')
          .log('a:aborted - b', { times: [20, 20, 15] }),
      'none is as young, and the end lay at a transaction that was open': () =>
        went(story().begins('t/1').sends('a', { in: 't/1', at: 0 }).sends('b', { at: 1 }), 40)
          .aborts('t/1')
          .reads('b@1')
          .log('a:aborted b -', { times: [10, 20] }),
      'the first of the time was removed': () =>
        went(three({ hasRetention: true }))
          .reads('d@2')
          .log('d', { start: 2, times: [15] }),
      'the first of the time was compacted away': () =>
        went(
          story({ cleanup: 'compact' })
            .sends('a', { at: 0, key: 'k' })
            .sends('b', { at: 1, key: 'k' })
            .sends('d', { at: 2, key: 'l' }),
        )
          .reads('b@1')
          .log('- b:none:k d:none:l', { times: [20, 15, 30] }),
      'the topic was made anew': () =>
        went(three())
          .add('admin', { type: 'topic-deleted', topic, topicId })
          .creates({ topicId: 'o2' })
          .sends('e', { at: 0, topicId: 'o2' })
          .sends('f', { at: 1, topicId: 'o2' })
          .reads('f@1', { topicId: 'o2' })
          .log('e f', { topicId: 'o2', times: [20, 20] }),
    },
  },
]
