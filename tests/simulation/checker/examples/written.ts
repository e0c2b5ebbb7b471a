import { type Examples, story } from './example.ts'
import { topic, topicId } from './story.ts'

const compacted = { cleanup: 'compact' } as const
const crash = { type: 'crash', what: 'storage' } as const
const fault = { type: 'fault', fault: 'answer lost' } as const
const deleted = { type: 'topic-deleted', topic, topicId } as const
const synced = (endOffset: number) => ({ type: 'synced', logs: [{ topic, topicId, partition: 0, endOffset }] }) as const
const removal = { type: 'records-removed', topic, topicId, partition: 0 } as const

/** What is in the logs. */
export const written: readonly Examples[] = [
  {
    kind: 'inconsistent-offsets',
    found: {
      'a crash before both': () =>
        story().add('disk', crash).sends('a').sends('b').reads('a@0').reads('b@0', { by: 'd' }),
      'a crash after both': () =>
        story().sends('a').sends('b').reads('a@0').reads('b@0', { by: 'd' }).add('disk', crash),
      'the place of a committed record holds another one': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .commits('t/1')
          .sends('b', { by: 'q', outcome: 'unknown' })
          .log('b'),

      'two readers are given different records at an offset': () =>
        story().sends('a').sends('b').reads('a@0').reads('b@0', { by: 'd' }),
      'two are acknowledged at one offset': () => story().sends('a', { at: 0 }).sends('b', { at: 0 }),
      'the log holds another one': () => story().sends('a', { at: 0 }).sends('b', { at: 1 }).log('b'),
      'acknowledged at one offset, and it lies at another one': () => story().sends('a', { at: 0 }).log('- a'),
    },
    legal: {
      'the same offset of two partitions': () =>
        story().sends('a', { at: 0 }).sends('b', { at: 0, partition: 1 }).log('a').log('b', { partition: 1 }),
      'the same offset of two topics of one name': () =>
        story()
          .sends('a', { at: 0 })
          .add('admin', deleted)
          .creates({ topicId: 'o2' })
          .sends('b', { at: 0, topicId: 'o2' })
          .log('b', { topicId: 'o2' }),
      'a place that was removed, and the record came again elsewhere': () =>
        story({ hasRetention: true }).sends('a', { producer: 'plain', at: 0 }).log('a', { start: 1 }),
    },
  },
  {
    kind: 'offset-reused',
    found: {
      'another record has the offset after a crash': () =>
        story().sends('a', { at: 0 }).add('disk', crash).sends('b', { at: 0 }).log('b'),
      'a reader has seen what a crash took back': () =>
        story()
          .send('a')
          .reads('a@0', { isolation: 'read_uncommitted' })
          .add('disk', crash)
          .sends('b', { at: 0 })
          .log('b'),
    },
    legal: {
      'what nobody was told of is gone': () =>
        story().send('a').sent('a', { outcome: 'unknown' }).add('disk', crash).sends('b', { at: 0 }).log('b'),
    },
  },
  {
    kind: 'lost-write',
    found: {
      'an acknowledged record is not there': () => story().sends('a', { at: 0 }).sends('b', { at: 1 }).log('a'),
      'a committed record is not there': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).commits('t/1').log(''),
      'a committed record is there as an aborted one': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).commits('t/1').log('a:aborted -'),
      'what a reader was given is not there': () =>
        story().send('a').sent('a', { outcome: 'unknown' }).reads('a@0').log(''),
      'the log begins behind it, and nothing may remove records': () =>
        story().sends('a', { at: 0 }).sends('b', { at: 1 }).log('b', { start: 1 }),
      'compaction drops the last record of a key': () =>
        story(compacted).sends('a', { key: 'k', at: 0 }).sends('b', { key: 'j', at: 1 }).log('- b:none:j'),
    },
    legal: {
      'an admin has removed all that was there': () =>
        story()
          .sends('a', { at: 0 })
          .add('admin', { ...removal, why: 'delete-records', logStartOffset: -1 })
          .log('', { start: 1 }),
      'retention has removed what was committed': () =>
        story({ hasRetention: true })
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .commits('t/1')
          .log('', { start: 2 }),
      'nobody has said what the topic may remove': () =>
        story().sends('a', { at: 0, topicId: 'o9' }).log('', { topicId: 'o9', start: 1 }),
      'a failed send of a transaction that was committed': () =>
        story().begins('t/1').sends('a', { in: 't/1', outcome: 'failed' }).commits('t/1').log(''),

      'retention has removed it': () =>
        story({ hasRetention: true }).sends('a', { at: 0 }).sends('b', { at: 1 }).log('b', { start: 1 }),
      'an admin has removed it': () =>
        story()
          .sends('a', { at: 0 })
          .sends('b', { at: 1 })
          .add('admin', { ...removal, why: 'delete-records', logStartOffset: 1 })
          .log('b', { start: 1 }),
      'compaction has kept a later one of its key': () =>
        story(compacted).sends('a', { key: 'k', at: 0 }).sends('b', { key: 'k', at: 1 }).log('- b:none:k'),
      'its topic was deleted': () => story().sends('a', { at: 0 }).add('admin', deleted),
      'its topic was deleted and made anew': () =>
        story().sends('a', { at: 0 }).add('admin', deleted).creates({ topicId: 'o2' }).log('', { topicId: 'o2' }),
      'nobody was told that it was written': () => story().sends('a', { outcome: 'unknown' }).log(''),
      'nobody can be told where it was written': () => story().sends('a', { producer: 'plain' }).log(''),
      'its transaction was aborted': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).aborts('t/1').log('a:aborted -'),
      'nobody knows how its transaction ended': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .ending('t/1', 'commit')
          .ended('t/1', 'unknown')
          .log('a:aborted -'),
      'a reader of a topic that was deleted has seen it': () =>
        story().sends('a', { at: 0 }).reads('a@0').add('admin', deleted),
    },
  },
  {
    kind: 'duplicate',
    found: {
      'an idempotent one whose answer was lost': () =>
        story().send('a').add('net', fault).sent('a', { at: 0 }).log('a a'),
      'a plain one that was sent once for certain': () =>
        story()
          .send('a', { producer: 'plain' })
          .add('net', fault)
          .add('p', { type: 'sent', value: 'a', outcome: 'ok', isSingleAttempt: true })
          .log('a a'),

      'an idempotent one lies there twice': () => story().sends('a', { at: 0 }).log('a a'),
      'a transactional one lies in two partitions': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .commits('t/1')
          .log('a:committed -')
          .log('a:committed -', { partition: 1 }),
      'a plain one lies there twice, and its request went well': () =>
        story().sends('a', { producer: 'plain', at: 0 }).log('a a'),
      'readers see it twice in a topic that is gone': () =>
        story().sends('a', { at: 0 }).reads('a@0').reads('a@1').add('admin', deleted),
    },
    legal: {
      'a plain one whose answer was lost': () =>
        story().send('a', { producer: 'plain' }).add('net', fault).sent('a', { at: 1 }).log('a a'),
      'a plain one that was sent while the server was down': () =>
        story()
          .add('server', { type: 'crash', what: 'server' })
          .send('a', { producer: 'plain' })
          .sent('a', { outcome: 'unknown' })
          .log('a a'),
      'a plain one that was never settled': () => story().send('a', { producer: 'plain' }).log('a a'),
      'read twice at its one place': () =>
        story().sends('a', { at: 0 }).reads('a@0').reads('a@0', { session: 2 }).log('a'),
      'written to a topic, and again to the one that has its name now': () =>
        story()
          .sends('a', { at: 0 })
          .reads('a@0')
          .add('admin', deleted)
          .creates({ topicId: 'o2' })
          .log('a', { topicId: 'o2' }),
    },
  },
  {
    kind: 'phantom',
    found: {
      'nobody sent it': () => story().sends('a', { at: 0 }).log('a x'),
      'it was sent to another partition': () => story().sends('a', { partition: 1, outcome: 'unknown' }).log('a'),
      'a reader was given what nobody sent': () => story().sends('a', { at: 0 }).reads('a@0 x@1'),
      'it lies there with the key of another': () =>
        story().sends('a', { at: 0, key: 'k' }).sends('b', { at: 1, key: 'l' }).log('a:none:k b:none:k'),
      'it lies there with a key, and was sent without': () => story().sends('a', { at: 0 }).log('a:none:k'),
    },
    legal: {
      'a pipeline writes to the topic': () =>
        story()
          .sends('a', { at: 0 })
          .add('s', {
            type: 'pipeline',
            pipeline: 'x',
            input: 'in',
            output: topic,
            guarantee: 'at-least-once',
            transform: 'count',
          })
          .log('a x:k:1'),
      'it has the key that it was sent with': () => story().sends('a', { at: 0, key: 'k' }).log('a:none:k'),
      'the partition was left to the producer': () =>
        story().sends('a', { at: 0, partition: 1 }).log('a', { partition: 1 }),
    },
  },
  {
    kind: 'non-monotonic-send',
    found: {
      'a later record of a producer lies before an earlier one': () =>
        story().sends('a', { at: 1 }).sends('b', { at: 0 }).log('b a'),
      'of those acknowledged in a topic that is gone': () =>
        story().sends('a', { at: 1 }).sends('b', { at: 0 }).add('admin', deleted),
      'an unknown one came late': () => story().sends('a', { outcome: 'unknown' }).sends('b', { at: 0 }).log('b a'),
      'of a plain producer whose requests went well': () =>
        story().sends('a', { producer: 'plain', at: 1 }).sends('b', { producer: 'plain', at: 0 }).log('b a'),
    },
    legal: {
      'two producers': () => story().sends('a', { at: 1 }).sends('b', { by: 'q', at: 0 }).log('b a'),
      'two partitions': () =>
        story().sends('a', { at: 1 }).sends('b', { at: 0, partition: 1 }).log('- a').log('b', { partition: 1 }),
      'a plain producer sends again': () =>
        story()
          .send('a', { producer: 'plain' })
          .send('b', { producer: 'plain' })
          .sent('b', { at: 0 })
          .add('net', fault)
          .sent('a', { at: 1 })
          .log('b a'),
      'a copy of a plain one comes late': () =>
        story()
          .send('a', { producer: 'plain' })
          .add('net', fault)
          .sent('a', { at: 0 })
          .sends('b', { producer: 'plain', at: 1 })
          .log('a b a'),
    },
  },
  {
    kind: 'acknowledged-before-sync',
    found: {
      'a reader was given a record as committed before the marker was synced': () =>
        story()
          .begins('t/1')
          .send('a', { in: 't/1' })
          .add('disk', synced(1))
          .sent('a', { at: 0 })
          .ending('t/1', 'commit')
          .reads('a@0')
          .add('disk', synced(2))
          .ended('t/1', 'committed')
          .log('a:committed -'),

      'the answer came before the sync': () => story().sends('a', { at: 0 }).add('disk', synced(1)),
      'a reader was given what was not synced': () => story().send('a').reads('a@0').add('disk', synced(1)),
      'the high watermark is ahead of the sync': () =>
        story()
          .add('disk', synced(1))
          .add('server', { type: 'watermarks', topic, topicId, partition: 0, highWatermark: 2 }),
    },
    legal: {
      'a reader was given a record as committed after the marker was synced': () =>
        story()
          .begins('t/1')
          .send('a', { in: 't/1' })
          .add('disk', synced(1))
          .sent('a', { at: 0 })
          .reads('a@0', { isolation: 'read_uncommitted' })
          .ending('t/1', 'commit')
          .add('disk', synced(2))
          .reads('a@0', { by: 'd' })
          .ended('t/1', 'committed')
          .log('a:committed -'),

      'the sync came first': () =>
        story()
          .send('a')
          .add('disk', synced(1))
          .sent('a', { at: 0 })
          .reads('a@0')
          .add('server', { type: 'watermarks', topic, topicId, partition: 0, highWatermark: 1 }),
      'a failed send was not synced': () =>
        story().sends('a', { outcome: 'failed' }).add('disk', { type: 'synced', logs: [] }),
      'the log was empty': () =>
        story()
          .add('disk', { type: 'synced', logs: [] })
          .add('server', { type: 'watermarks', topic, topicId, partition: 0, highWatermark: 0 }),
    },
  },
]
