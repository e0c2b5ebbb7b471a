import type { EventOf } from '../../history/history-event.ts'
import type { FinalRecord } from '../../history/log-events.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic } from './story.ts'

const over = { type: 'final-polls-over' } as const
const exactly = 'exactly-once'

function made(name: string, words: string): Omit<EventOf<'final-log'>, 'sequence' | 'atMs' | 'process'> {
  const records = words === '' ? [] : words.split(' ')
  return {
    type: 'final-log',
    topic: name,
    topicId: name,
    partition: 0,
    logStartOffset: 0,
    highWatermark: records.length,
    lastStableOffset: records.length,
    records: records.map((word, offset): FinalRecord => {
      const [value = '', key = 'k'] = word.split('/')
      return { offset, value, key, transaction: 'committed' }
    }),
  }
}

function pipeline(more: Partial<EventOf<'pipeline'>>): Story {
  const common = { pipeline: 'x', group: 'g', input: topic, output: 'out', guarantee: exactly } as const
  return story()
    .creates({ topicId: 'out', topic: 'out' })
    .creates({ topicId: 'rows', topic: 'rows' })
    .add('s', { type: 'pipeline', transform: 'copy', ...common, ...more })
}

/** Two inputs, of one window or of two. */
function windows(
  times: readonly number[],
  output: string,
  guarantee: EventOf<'pipeline'>['guarantee'] = exactly,
): Story {
  return pipeline({ transform: 'windows', guarantee })
    .sends('a', { at: 0, key: 'k' })
    .sends('b', { at: 1, key: 'k' })
    .add('world', over)
    .log('a:none:k b:none:k', { times })
    .add('server', made('out', output))
}

/** Two inputs, and rows of a table. */
function joins(rows: string, output: string, guarantee: EventOf<'pipeline'>['guarantee'] = exactly): Story {
  return pipeline({ transform: 'join', table: 'rows', guarantee })
    .sends('a', { at: 0, key: 'k' })
    .sends('b', { at: 1, key: 'k' })
    .add('world', over)
    .log('a:none:k b:none:k')
    .add('server', made('rows', rows))
    .add('server', made('out', output))
}

const origin = `original-topic=${topic},original-partition=0,original-offset=1,original-timestamp=1,error=Error: poison`
const letter = { offset: 0, value: 'b!', headers: origin, transaction: 'committed' } as const

/** The second of two inputs is poison. */
function poisoned(output: string, letters: readonly FinalRecord[], more: Partial<EventOf<'pipeline'>> = {}): Story {
  return pipeline({ deadTopic: 'dead', ...more })
    .sends('a', { at: 0 })
    .sends('b!', { at: 1 })
    .add('world', over)
    .add('world', {
      ...made(topic, ''),
      topicId: 'o1',
      highWatermark: 2,
      lastStableOffset: 2,
      records: ['a', 'b!'].map((value, offset) => ({ offset, value, headers: '', transaction: 'none' })),
    })
    .add('server', made('out', output))
    .add('server', { type: 'dead-letters', topic: 'dead', partition: 0, records: letters })
}

/** What comes out of windows, joins, and of what cannot be processed. */
export const outputs: Pick<Examples, 'found' | 'legal'> = {
  found: {
    'a window is counted too often': () => windows([100, 200], 'x:k@0:1 x:k@0:2 x:k@0:3'),
    'a window is not counted to its end': () => windows([100, 200], 'x:k@0:1'),
    'a window is not counted to its end, at least once': () => windows([100, 200], 'x:k@0:1 x:k@0:1', 'at-least-once'),
    'a record is counted in the window of another': () => windows([100, 1200], 'x:k@0:1 x:k@0:2'),
    'a window is counted for which there is nothing': () => windows([100, 200], 'x:k@0:1 x:k@0:2 x:k@7000:1'),
    'an input is not joined': () => joins('r', 'x:a:r'),
    'an input is joined twice': () => joins('r', 'x:a:r x:a:r x:b:r'),
    'with a row of another key': () => joins('r/j', 'x:a:r x:b:-'),
    'with a row that nobody sent': () => joins('r', 'x:a:r x:b:s'),
    'with an older row than before': () => joins('r s', 'x:a:s x:b:r'),
    'with nothing after it had a row': () => joins('r', 'x:a:r x:b:-'),
    'what cannot be processed made no dead letter': () => poisoned('x:a', []),
    'it made two': () => poisoned('x:a', [letter, { ...letter, offset: 1 }]),
    'its dead letter was aborted': () => poisoned('x:a', [{ ...letter, transaction: 'aborted' }]),
    'it was processed all the same': () => poisoned('x:a x:b!', [letter]),
  },
  legal: {
    'windows are counted': () => windows([100, 1200], 'x:k@1000:1 x:k@0:1'),
    'an old count is told last, as promised': () => windows([100, 200], 'x:k@0:1 x:k@0:2 x:k@0:1', 'at-least-once'),
    'a window is counted twice, as promised': () => windows([100, 200], 'x:k@0:1 x:k@0:2 x:k@0:3', 'at-least-once'),
    'each is joined with what there was then': () => joins('r s', 'x:a:- x:b:s'),
    'rows of several keys': () => joins('r/k s/j', 'x:a:- x:b:r'),
    'joined twice, as promised': () => joins('r s', 'x:a:s x:a:r x:b:s', 'at-least-once'),
    'what cannot be processed made one': () => poisoned('x:a', [letter]),
    'it made two, as promised': () =>
      poisoned('x:a', [letter, { ...letter, offset: 1 }], { guarantee: 'at-least-once' }),
    'one of its dead letters was aborted': () =>
      poisoned('x:a', [
        { ...letter, transaction: 'aborted' },
        { ...letter, offset: 1 },
      ]),
  },
}
