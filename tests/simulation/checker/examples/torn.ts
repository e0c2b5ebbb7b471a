import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

/** `t/1` writes `a` to one partition and `b` to another. */
const halves = (): Story =>
  story().begins('t/1').sends('a', { in: 't/1', at: 0 }).sends('b', { in: 't/1', at: 0, partition: 1 })

/** Transactions of which nobody knows how they ended. */
export const torn: readonly Examples[] = [
  {
    kind: 'torn-transaction',
    found: {
      'one partition has it committed and another aborted': () =>
        halves().ending('t/1', 'commit').log('a:committed -').log('b:aborted -', { partition: 1 }),
      'nobody asked for an end, as it was killed': () =>
        halves().log('a:aborted -').log('b:committed -', { partition: 1 }),
      'its caller was told that nobody knows': () =>
        halves().ending('t/1', 'commit').ended('t/1', 'unknown').log('a:committed -').log('b:open', { partition: 1 }),
      'what was acknowledged is not there': () =>
        halves().ending('t/1', 'commit').log('a:committed -').log('', { partition: 1 }),
    },
    legal: {
      'all of it is committed': () =>
        halves().ending('t/1', 'commit').log('a:committed -').log('b:committed -', { partition: 1 }),
      'all of it is aborted': () =>
        halves().ending('t/1', 'commit').log('a:aborted -').log('b:aborted -', { partition: 1 }),
      'what was not acknowledged is not there': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .sends('b', { in: 't/1', partition: 1, outcome: 'unknown' })
          .log('a:committed -')
          .log('', { partition: 1 }),
      'another one of the same id was aborted': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .begins('t/2')
          .sends('b', { in: 't/2', at: 0, partition: 1 })
          .log('a:committed -')
          .log('b:aborted -', { partition: 1 }),
      'records of it were deleted': () =>
        halves()
          .add('admin', {
            type: 'records-removed',
            why: 'delete-records',
            topic,
            topicId,
            partition: 1,
            logStartOffset: 1,
          })
          .log('a:committed -')
          .log('', { partition: 1, start: 1 }),
    },
  },
]
