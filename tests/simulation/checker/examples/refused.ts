import { type Examples, story } from './example.ts'
import { GroupStory, offsets } from './group-story.ts'

const copied = { type: 'fault', fault: 'copied p/0', operation: 'produce' } as const
const group = (): GroupStory => new GroupStory()
const refusal = { error: 'UNAUTHORIZED: topic 0' }
const failure = { type: 'commit-answered', commit: 1, outcome: 'failed', error: 'UNAUTHORIZED: no' } as const
/** The first one has failed as it is refused. */
const twoCalls = (...told: readonly [(story: GroupStory) => GroupStory, (story: GroupStory) => GroupStory]) =>
  group().callsTogether('failed', ...told, refusal)
const both = [...offsets(5), ...offsets(5, 1)]

/** What was said to have failed. */
export const refused: readonly Examples[] = [
  {
    kind: 'failed-but-written',
    found: {
      'a failed send is there': () => story().sends('a', { outcome: 'failed' }).log('a'),
      'a failed send was read and is removed since': () =>
        story({ hasRetention: true }).sends('a', { outcome: 'failed' }).reads('a@0').log('', { start: 1 }),
      'a failed send is there, and a request of somebody else was copied': () =>
        story().send('a').add('q', copied).sent('a', { outcome: 'failed' }).log('a'),
      'a failed send is there, and other requests were copied': () =>
        story()
          .add('p', copied)
          .send('a')
          .add('p', { type: 'fault', fault: 'copied p/1', operation: 'metadata' })
          .sent('a', { outcome: 'failed' })
          .add('p', copied)
          .log('a'),
      'a failed send is there, and its answer was lost': () =>
        story()
          .send('a')
          .add('p', { type: 'fault', fault: 'lost answer p/1', operation: 'produce' })
          .sent('a', { outcome: 'failed' })
          .log('a'),
      'a record of an aborted transaction is committed': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).aborts('t/1').log('a:committed -'),
    },
    legal: {
      'an unknown send is there': () => story().sends('a', { outcome: 'unknown' }).log('a'),
      'a copy of a refused request came later': () =>
        story().send('a').add('p', copied).sent('a', { outcome: 'failed' }).log('a'),
      'a failed send is not there': () => story().sends('a', { outcome: 'failed' }).log(''),
      'a failed send of an aborted transaction lies there as aborted': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', outcome: 'failed' })
          .aborts('t/1')
          .reads('a@0', { isolation: 'read_uncommitted' })
          .log('a:aborted -'),
    },
  },
  {
    kind: 'refused-commit-taken',
    found: {
      'it was taken': () => group().commit(1, 'm', 5).takes('m', 5).answers(1, 'failed'),
      'it is taken after its client was told': () => group().commit(1, 'm', 5).answers(1, 'failed').takes('m', 5),
      'it was taken before the next attempt left': () =>
        group().commit(1, 'm', 5).takes('m', 5).answers(1, 'failed').commit(2, 'm', 5).takes('m', 5).answers(2),
      'the next attempt was refused too': () =>
        group().commit(1, 'm', 5).answers(1, 'failed').commit(2, 'm', 5).answers(2, 'failed').takes('m', 5),
      'that of a transaction was taken': () =>
        group()
          .commit(1, 'm', 5, { how: 'transaction', transactionalId: 't', transaction: 1 })
          .takes('m', 5, { transactionalId: 't' })
          .answers(1, 'failed'),
      'the one of two partitions that was refused was taken': () =>
        group().commit(1, 'm', 5, { offsets: both }).takes('m', 5, { offsets: both }).refuses(1, 1),
      'the next attempt took the partition that it refused too': () =>
        group()
          .commit(1, 'm', 5, { offsets: both })
          .answers(1, 'failed')
          .commit(2, 'm', 5, { offsets: both })
          .takes('m', 5, { offsets: both })
          .refuses(2, 1),
      'a call has failed of which an attempt had no answer, and was taken': () =>
        group().calls(5, 'failed', (story) =>
          story.commit(1, 'm', 5).takes('m', 5).answers(1, 'unknown').commit(2, 'm', 5).answers(2, 'failed'),
        ),
      'a call has failed whose request is taken later': () =>
        group()
          .calls(5, 'failed', (story) => story.commit(1, 'm', 5))
          .takes('m', 5),
      'the call before it was about something else': () =>
        group()
          .calls(4, 'unknown', (story) => story.commit(1, 'm', 4))
          .calls(5, 'failed', (story) => story.commit(2, 'm', 5).answers(2, 'unknown'), 1)
          .takes('m', 4)
          .takes('m', 5),
      'a call has failed whose second attempt is taken later, and another call is under way': () =>
        twoCalls(
          (story) =>
            story
              .commit(1, 'm', 5)
              .add('m', { ...failure, error: 'OTHER: no' })
              .commit(2, 'm', 5),
          (story) => story.takes('m', 5).answers(2),
        ),
      'a call has failed of which an attempt had no answer, and another call is under way': () =>
        twoCalls(
          (story) => story.commit(1, 'm', 5).takes('m', 5).answers(1, 'unknown').commit(2, 'm', 5),
          (story) => story.answers(2),
        ),
      'a call has failed whose only attempt was taken, and another call is under way': () =>
        twoCalls(
          (story) => story.commit(1, 'm', 5),
          (story) => story.takes('m', 5).answers(1),
        ),
      'a call has failed whose second attempt is taken later, and no other call is under way': () =>
        group()
          .calls(5, 'failed', (story) => story.commit(1, 'm', 5).add('m', failure).commit(2, 'm', 5), 0, refusal)
          .takes('m', 5)
          .answers(2),
      'it was taken, and another request was copied': () =>
        group()
          .commit(1, 'm', 5)
          .add('m', { type: 'fault', fault: 'copied m/0', operation: 'offsetFetch' })
          .answers(1, 'failed')
          .takes('m', 5),
    },
    legal: {
      'it was not taken': () => group().commit(1, 'm', 5).answers(1, 'failed'),
      'its client was told that nobody knows': () => group().commit(1, 'm', 5).takes('m', 5).answers(1, 'unknown'),
      'the next attempt was taken': () =>
        group().commit(1, 'm', 5).answers(1, 'failed').commit(2, 'm', 5).takes('m', 5).answers(2),
      'a copy of an earlier one that was refused was taken late': () =>
        group()
          .commit(1, 'm', 5)
          .add('m', { type: 'fault', fault: 'copied m/0', operation: 'offsetCommit' })
          .answers(1, 'failed')
          .commit(2, 'm', 5)
          .answers(2, 'failed')
          .takes('m', 5),
      'a copy of an attempt was taken, and the call has failed with the next': () =>
        group()
          .calls(5, 'failed', (story) =>
            story
              .commit(1, 'm', 5)
              .add('m', { type: 'fault', fault: 'copied m/0', operation: 'offsetCommit' })
              .answers(1, 'failed')
              .commit(2, 'm', 5)
              .answers(2, 'failed'),
          )
          .takes('m', 5),
      'an earlier one, of which nobody knew, was taken late': () =>
        group().commit(1, 'm', 5).answers(1, 'unknown').commit(2, 'm', 5).takes('m', 5).answers(2, 'failed'),
      'that of the member at another epoch was taken': () =>
        group()
          .commit(1, 'm', 5, { memberEpoch: 2 })
          .commit(2, 'm', 5)
          .answers(2, 'failed')
          .takes('m', 5, { memberEpoch: 2 }),
      'the other one of two partitions was taken': () =>
        group().commit(1, 'm', 5, { offsets: both }).takes('m', 5).refuses(1, 1),
      'the next attempt was taken but for another partition': () =>
        group()
          .commit(1, 'm', 5, { offsets: both })
          .answers(1, 'failed')
          .commit(2, 'm', 5, { offsets: both })
          .takes('m', 5)
          .refuses(2, 1),
      'a call that failed sent nothing of it': () =>
        group()
          .calls(5, 'failed', (story) => story.commit(1, 'm', 4))
          .takes('m', 4),
      'a call of which an attempt had no answer, and nobody knows': () =>
        group()
          .calls(5, 'unknown', (story) => story.commit(1, 'm', 5))
          .takes('m', 5),
      'what the call before it had sent was taken': () =>
        group()
          .calls(5, 'unknown', (story) => story.commit(1, 'm', 5))
          .calls(5, 'failed', (story) => story.commit(2, 'm', 5).answers(2, 'failed'), 1)
          .takes('m', 5),
      'the call after it was taken': () =>
        group()
          .calls(5, 'failed', (story) => story.commit(1, 'm', 5).answers(1, 'failed'))
          .calls(5, 'ok', (story) => story.commit(2, 'm', 5).takes('m', 5).answers(2), 1),
      'an attempt for another call left before its caller was told, and was taken': () =>
        twoCalls(
          (story) => story.commit(1, 'm', 5).add('m', failure).commit(2, 'm', 5),
          (story) => story.takes('m', 5).answers(2),
        ),
      'a copy of the request of a call was taken': () =>
        group()
          .calls(5, 'failed', (story) =>
            story
              .commit(1, 'm', 5)
              .add('m', { type: 'fault', fault: 'copied m/0', operation: 'offsetCommit' })
              .answers(1, 'failed'),
          )
          .takes('m', 5),
      'a copy of the request was taken': () =>
        group()
          .commit(1, 'm', 5)
          .add('m', { type: 'fault', fault: 'copied m/0', operation: '/v1/groups/offsets/commit' })
          .answers(1, 'failed')
          .takes('m', 5),
    },
  },
]
