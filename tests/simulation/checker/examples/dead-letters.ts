import type { FinalRecord } from '../../history/log-events.ts'
import { begin } from './begin-reading.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const place = { topic, partition: 0, offset: 1 }
const over = { type: 'final-polls-over' } as const
const started = { type: 'setting-aside', consumer: 'c', ...place } as const
const failed = { type: 'set-aside', consumer: 'c', session: 1, why: 'handler', deadTopic: 'dead', ...place } as const
const undecoded = { ...failed, why: 'invalid' } as const
const origin = `original-topic=${topic},original-partition=0,original-offset=1,original-timestamp=7,error=Error: a, b`
const letter = { offset: 0, value: 'b!', transaction: 'none', headers: origin } as const

/** The second of three records is poison. */
const poisoned = (): Story => story().sends('a', { at: 0 }).sends('b!', { at: 1 }).sends('d', { at: 2 })
const ended = (to: Story, ...letters: readonly Partial<FinalRecord>[]): Story =>
  to
    .add('world', {
      type: 'final-log',
      topic,
      topicId,
      partition: 0,
      logStartOffset: 0,
      highWatermark: 3,
      lastStableOffset: 3,
      records: ['a', 'b!', 'd'].map((value, offset) => ({ offset, value, transaction: 'none', headers: 'x=1' })),
    })
    .add('world', {
      type: 'dead-letters',
      topic: 'dead',
      partition: 0,
      records: letters.map((one) => ({ ...letter, ...one })),
    })
const whole = { headers: `x=1,${origin}` }
const another = whole.headers.replace('offset=1', 'offset=2')
const written = { type: 'letters-written', topic: 'dead', letters: [whole.headers] } as const
const reading = begin('c', { leavesOutPoison: true })

export const deadLetters: readonly Examples[] = [
  {
    kind: 'lost-dead-letter',
    found: {
      'a handler failed': () =>
        ended(poisoned().reads('a@0 b!@1 d@2').add('c', started).add('c', written).add('c', failed)),
      'it could not be decoded': () =>
        ended(poisoned().add('c', reading).reads('a@0 d@2').add('c', written).add('c', undecoded)),
      'that of another place is there': () =>
        ended(
          poisoned()
            .add('c', reading)
            .add('c', { ...written, letters: [another] })
            .add('c', { ...undecoded, offset: 2 }),
          whole,
        ),
      'it is in another topic': () =>
        ended(
          poisoned()
            .add('c', reading)
            .add('c', { ...written, topic: 'other' })
            .add('c', { ...undecoded, deadTopic: 'other' }),
          whole,
        ),
    },
    legal: {
      'it is there': () =>
        ended(poisoned().reads('a@0 b!@1 d@2').add('c', started).add('c', written).add('c', failed), whole),
      'it is there twice': () =>
        ended(poisoned().add('c', reading).add('c', written).add('c', undecoded).add('c', undecoded), whole, {
          ...whole,
          offset: 1,
        }),
      'it was skipped': () => {
        const { deadTopic: _, ...skipped } = undecoded
        return ended(poisoned().add('c', reading).reads('a@0 d@2').add('c', skipped).add('world', over))
      },
      'the handler failed, and nobody was told that it was copied': () =>
        ended(poisoned().reads('a@0 b!@1').add('c', started)),
      'what was left out is not passed over': () =>
        ended(
          poisoned()
            .add('c', reading)
            .reads('a@0')
            .reads('d@2')
            .add('c', written)
            .add('c', undecoded)
            .add('world', over),
          whole,
        ),
    },
  },
  {
    kind: 'aside-before-letter',
    found: {
      'the topic says so later': () =>
        ended(poisoned().add('c', reading).reads('a@0 d@2').add('c', undecoded).add('c', written), whole),
      'it is there, and nobody was told so': () =>
        ended(poisoned().reads('a@0 b!@1 d@2').add('c', started).add('c', failed), whole),
      'another topic says so': () =>
        ended(
          poisoned()
            .add('c', reading)
            .add('c', { ...written, topic: 'other' })
            .add('c', undecoded),
          whole,
        ),
      'that of another record is written': () =>
        ended(
          poisoned()
            .add('c', reading)
            .add('c', { ...written, letters: [another] })
            .add('c', undecoded),
          whole,
        ),
      'another process is told so': () =>
        ended(poisoned().add('c', reading).add('d', written).add('c', undecoded), whole),
    },
    legal: {
      'the topic says so before': () =>
        ended(
          poisoned()
            .add('c', reading)
            .add('c', { ...written, letters: [another, whole.headers] })
            .add('c', undecoded),
          whole,
        ),
      'it is skipped': () => {
        const { deadTopic: _, ...skipped } = undecoded
        return ended(poisoned().add('c', reading).reads('a@0 d@2').add('c', skipped))
      },
    },
  },
  {
    kind: 'wrong-dead-letter',
    found: {
      'it does not say of what it is': () => ended(poisoned(), { headers: 'x=1' }),
      'nothing lies where it says': () =>
        ended(poisoned(), { headers: `x=1,${origin.replace('offset=1', 'offset=7')}` }),
      'another record lies where it says': () => ended(poisoned(), { headers: another }),
      'it has another key': () => ended(poisoned(), { ...whole, key: 'k' }),
      'it has lost a header': () => ended(poisoned(), { headers: origin }),
      'it has a header more': () => ended(poisoned(), { headers: `x=1,y=2,${origin}` }),
      'of a record that nobody failed with': () => ended(poisoned(), { value: 'd', headers: another }),
    },
    legal: {
      'of poison, and nobody was told so': () => ended(poisoned(), whole),
      'of a record with which a handler failed': () =>
        ended(poisoned().add('c', { ...started, offset: 2 }), {
          value: 'd',
          headers: another,
        }),
    },
  },
]
