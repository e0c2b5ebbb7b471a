import type { EventOf } from '../../history/history-event.ts'
import type { FinalRecord } from '../../history/log-events.ts'
import { type Examples, story } from './example.ts'
import { outputs } from './pipelines.ts'
import { type Story, topic } from './story.ts'

const over = { type: 'final-polls-over' } as const

function pipeline(guarantee: 'exactly-once' | 'at-least-once', transform: 'copy' | 'count'): Story {
  return story()
    .creates({ topicId: 'out', topic: 'out' })
    .add('s', { type: 'pipeline', pipeline: 'x', group: 'g', input: topic, output: 'out', guarantee, transform })
}

function output(records: string, more: Partial<EventOf<'final-log'>> = {}) {
  const words = records === '' ? [] : records.split(' ')
  return {
    type: 'final-log',
    topic: 'out',
    topicId: 'out',
    partition: 0,
    logStartOffset: 0,
    highWatermark: words.length,
    lastStableOffset: words.length,
    records: words.map((value, offset): FinalRecord => ({ offset, value, transaction: 'committed' })),
    ...more,
  } as const
}

/** `t/1` writes `a`, `u/1` writes `b`. */
const both = (): Story =>
  story().begins('t/1').begins('u/1', 'q').sends('a', { in: 't/1', at: 0 }).sends('b', { in: 'u/1', by: 'q', at: 1 })

/** Transactions among one another, and what comes out of them. */
export const transactions: readonly Examples[] = [
  {
    kind: 'write-cycle',
    found: {
      'what was committed before lies behind': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', at: 2 })
          .commits('t/1')
          .begins('u/1', 'q')
          .sends('b', { in: 'u/1', by: 'q', at: 0 })
          .commits('u/1', 'q')
          .log('b:committed - a:committed -'),
    },
    legal: {
      'two that run at the same time write between one another': () =>
        both()
          .sends('c', { in: 't/1', at: 2 })
          .commits('t/1')
          .commits('u/1', 'q')
          .log('a:committed b:committed c:committed - -'),
      'each of two that run at the same time is behind the other': () =>
        both()
          .sends('c', { in: 'u/1', by: 'q', at: 0, partition: 1 })
          .sends('d', { in: 't/1', at: 1, partition: 1 })
          .commits('t/1')
          .commits('u/1', 'q')
          .log('a:committed b:committed - -')
          .log('c:committed d:committed - -', { partition: 1 }),
      'nobody knew that it was committed': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', outcome: 'unknown' })
          .ending('t/1', 'commit')
          .ended('t/1', 'unknown')
          .begins('u/1', 'q')
          .sends('b', { in: 'u/1', by: 'q', at: 0 })
          .commits('u/1', 'q')
          .log('b:committed - a:committed -'),
    },
  },
  {
    kind: 'read-cycle',
    found: {
      'two have read what the other wrote': () =>
        both()
          .reads('b@1', { by: 'p', in: 't/1' })
          .reads('a@0', { by: 'q', in: 'u/1' })
          .commits('t/1')
          .commits('u/1', 'q')
          .log('a:committed b:committed - -'),
      'three in a circle': () =>
        both()
          .begins('v/1', 'r')
          .sends('c', { in: 'v/1', by: 'r', at: 2 })
          .reads('b@1', { by: 'p', in: 't/1' })
          .reads('c@2', { by: 'q', in: 'u/1' })
          .reads('a@0', { by: 'r', in: 'v/1' })
          .commits('t/1')
          .commits('u/1', 'q')
          .commits('v/1', 'r')
          .log('a:committed b:committed c:committed - - -'),
      'a transaction reads what its successor wrote': () =>
        story()
          .begins('t/1')
          .begins('t/2')
          .sends('a', { in: 't/2', at: 0 })
          .reads('a@0', { by: 'p', in: 't/1' })
          .commits('t/1')
          .commits('t/2')
          .log('a:committed -'),
    },
    legal: {
      'one reads what the other wrote before': () =>
        both()
          .commits('t/1')
          .reads('a@0', { by: 'q', in: 'u/1' })
          .commits('u/1', 'q')
          .log('a:committed b:committed - -'),
      'a chain': () =>
        both()
          .commits('t/1')
          .begins('v/1', 'r')
          .reads('a@0', { by: 'q', in: 'u/1' })
          .reads('a@0', { by: 'r', in: 'v/1' })
          .commits('u/1', 'q')
          .reads('b@1', { by: 'r', in: 'v/1' })
          .commits('v/1', 'r')
          .log('a:committed b:committed - - -'),
      'readers of uncommitted records': () =>
        both()
          .reads('b@1', { by: 'p', in: 't/1', isolation: 'read_uncommitted' })
          .reads('a@0', { by: 'q', in: 'u/1', isolation: 'read_uncommitted' })
          .commits('t/1')
          .commits('u/1', 'q')
          .log('a:committed b:committed - -'),
    },
  },
  {
    kind: 'wrong-output',
    found: {
      'an input made nothing': () =>
        pipeline('at-least-once', 'copy')
          .sends('a', { at: 0 })
          .sends('b', { at: 1 })
          .add('world', over)
          .log('a b')
          .add('server', output('x:a')),
      'an input made two': () =>
        pipeline('exactly-once', 'copy')
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a')
          .add('server', output('x:a x:a')),
      'an output of an input that is not there': () =>
        pipeline('at-least-once', 'copy')
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a')
          .add('server', output('x:a x:b')),
      'an output of an input that was aborted': () =>
        pipeline('exactly-once', 'copy')
          .begins('t/1')
          .sends('a', { in: 't/1', at: 0 })
          .aborts('t/1')
          .add('world', over)
          .log('a:aborted -')
          .add('server', output('x:a')),
      'a key counted too often': () =>
        pipeline('exactly-once', 'count')
          .sends('a', { at: 0, key: 'k' })
          .add('world', over)
          .log('a:none:k')
          .add('server', output('x:k:1 x:k:2')),
      'a key counted twice': () =>
        pipeline('exactly-once', 'count')
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'k' })
          .add('world', over)
          .log('a:none:k b:none:k')
          .add('server', output('x:k:1 x:k:1 x:k:2')),
      'a key not counted to its end': () =>
        pipeline('at-least-once', 'count')
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'k' })
          .add('world', over)
          .log('a:none:k b:none:k')
          .add('server', output('x:k:1')),
      ...outputs.found,
      'an output that is no count': () =>
        pipeline('exactly-once', 'count').add('world', over).log('').add('server', output('x:k')),
    },
    legal: {
      ...outputs.legal,
      'the input comes from another pipeline': () =>
        pipeline('exactly-once', 'copy').add('world', over).log('z').add('server', output('x:z')),
      'what was counted was removed since': () =>
        story({ hasRetention: true })
          .add('s', {
            type: 'pipeline',
            pipeline: 'x',
            input: topic,
            output: 'out',
            guarantee: 'exactly-once',
            transform: 'count',
          })
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'k' })
          .add('world', over)
          .log('b:none:k', { start: 1 })
          .add('server', output('x:k:1 x:k:2')),
      'what was counted was compacted': () =>
        story({ cleanup: 'compact' })
          .add('s', {
            type: 'pipeline',
            pipeline: 'x',
            input: topic,
            output: 'out',
            guarantee: 'exactly-once',
            transform: 'count',
          })
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'k' })
          .add('world', over)
          .log('- b:none:k')
          .add('server', output('x:k:1 x:k:2')),

      'each input made one': () =>
        pipeline('exactly-once', 'copy')
          .sends('a', { at: 0 })
          .sends('b', { at: 1 })
          .add('world', over)
          .log('a b')
          .add('server', output('x:b x:a')),
      'an input made two, as promised': () =>
        pipeline('at-least-once', 'copy')
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a')
          .add('server', output('x:a x:a')),
      'what was aborted came again': () =>
        pipeline('exactly-once', 'copy')
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a')
          .add(
            'server',
            output('x:a x:a', {
              records: [
                { offset: 0, value: 'x:a', transaction: 'aborted' },
                { offset: 2, value: 'x:a', transaction: 'committed' },
              ],
            }),
          ),
      'the input was removed since': () =>
        story({ hasRetention: true })
          .creates({ topicId: 'out', topic: 'out' })
          .add('s', {
            type: 'pipeline',
            pipeline: 'x',
            input: topic,
            output: 'out',
            guarantee: 'exactly-once',
            transform: 'copy',
          })
          .sends('a', { at: 0 })
          .add('world', over)
          .log('', { start: 1 })
          .add('server', output('x:a')),
      'an admin has set the offsets': () =>
        pipeline('exactly-once', 'copy')
          .sends('a', { at: 0 })
          .add('admin', { type: 'offsets-reset', group: 'g', offsets: [] })
          .add('world', over)
          .log('a')
          .add('server', output('')),
      'the final polls never came': () =>
        pipeline('exactly-once', 'copy').sends('a', { at: 0 }).log('a').add('server', output('')),
      'another pipeline writes there as well': () =>
        pipeline('exactly-once', 'copy')
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a')
          .add('server', output('x:a y:a')),
      'counts that leave some out': () =>
        pipeline('exactly-once', 'count')
          .sends('a', { at: 0, key: 'k' })
          .sends('b', { at: 1, key: 'k' })
          .add('world', over)
          .log('a:none:k b:none:k')
          .add('server', output('x:k:2')),
      'counted twice, as promised': () =>
        pipeline('at-least-once', 'count')
          .sends('a', { at: 0, key: 'k' })
          .add('world', over)
          .log('a:none:k')
          .add('server', output('x:k:1 x:k:1 x:k:2')),
    },
  },
]
