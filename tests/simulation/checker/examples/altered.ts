import type { EventContent } from '../../history/history-event.ts'
import type { RecordTraits } from '../../history/record-events.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const appendTime = { isAppendTime: true } as const
const toCreateTime = {
  type: 'topic-configured',
  topic,
  topicId,
  cleanup: 'delete',
  hasRetention: false,
  isAppendTime: false,
} as const
const setBack = { type: 'clock-set', clock: 'server', byMs: -50 } as const

const send = (traits: RecordTraits & { readonly serverMs?: number }, value = 'a'): EventContent => ({
  type: 'send',
  value,
  topic,
  producer: 'idempotent',
  order: 0,
  ...traits,
})
const sent = (said: { readonly timestamp?: number; readonly serverMs?: number } = {}, value = 'a'): EventContent => ({
  type: 'sent',
  value,
  outcome: 'ok',
  topic,
  topicId,
  partition: 0,
  offset: 0,
  ...said,
})
const final = (traits: RecordTraits, value = 'a', name = topic): EventContent => ({
  type: 'final-log',
  topic: name,
  topicId: name === topic ? topicId : name,
  partition: 0,
  logStartOffset: 0,
  highWatermark: 1,
  lastStableOffset: 1,
  records: [{ offset: 0, value, transaction: 'none', ...traits }],
})
const poll = (traits: RecordTraits): EventContent => ({
  type: 'poll',
  consumer: 'c',
  session: 1,
  isolation: 'read_committed',
  how: 'loop',
  records: [{ topic, topicId, partition: 0, offset: 0, value: 'a', ...traits }],
})
const outputIs = (keepsTraits: boolean): EventContent => ({
  type: 'pipeline',
  pipeline: 'x',
  input: topic,
  output: 'out',
  guarantee: 'at-least-once',
  transform: 'copy',
  keepsTraits,
})
/** A record with headers and a time, which lies there as it was sent. */
const traits = { headers: 'a=1,b=2', timestamp: 100 }
const written = (to: Story): Story => to.add('p', send(traits)).add('p', sent({ timestamp: 100 }))
const appended = (at: number, to: Story = story(appendTime)): Story =>
  to
    .add('p', send({ ...traits, serverMs: 500 }))
    .add('p', sent({ timestamp: at, serverMs: 600 }))
    .add('world', final({ ...traits, timestamp: at }))
const copied = (lies: RecordTraits, keepsTraits = true): Story =>
  written(story().creates({ topic: 'out', topicId: 'out' }).add('s', outputIs(keepsTraits)))
    .add('world', final(traits))
    .add('world', final(lies, 'x:a', 'out'))

/** Records that are not as they were sent. */
export const altered: readonly Examples[] = [
  {
    kind: 'altered-record',
    found: {
      'it lies there without its headers': () => written(story()).add('world', final({ ...traits, headers: '' })),
      'its headers lie there in another order': () =>
        written(story()).add('world', final({ ...traits, headers: 'b=2,a=1' })),
      'it lies there with headers, and was sent without': () =>
        story()
          .add('p', send({ headers: '', timestamp: 100 }))
          .add('p', sent())
          .add('world', final(traits)),
      'it lies there with another time': () => written(story()).add('world', final({ ...traits, timestamp: 101 })),
      'a send of unknown end lies there with another time': () =>
        story()
          .add('p', send(traits))
          .sent('a', { outcome: 'unknown' })
          .add('world', final({ ...traits, timestamp: 99 })),
      'a reader is shown other headers': () =>
        written(story())
          .add('c', poll({ ...traits, headers: 'a=1' }))
          .add('world', final(traits)),
      'a reader is shown another time': () =>
        written(story())
          .add('c', poll({ ...traits, timestamp: 0 }))
          .add('world', final(traits)),
      'a reader is shown another time of what is gone': () =>
        written(story({ hasRetention: true }))
          .add('c', poll({ ...traits, timestamp: 0 }))
          .log('', { start: 1 }),
      'a reader is shown a key, and there is none': () =>
        written(story())
          .add('c', poll({ ...traits, key: 'k' }))
          .add('world', final(traits)),
      'the time of appending is before the sending': () => appended(499),
      'the time of appending is after the answer': () => appended(601),
      'it was to have the time of appending, and has its own': () => appended(100),
      'its producer was told another time of appending': () =>
        story(appendTime)
          .add('p', send({ ...traits, serverMs: 500 }))
          .add('p', sent({ timestamp: 550, serverMs: 600 }))
          .add('world', final({ ...traits, timestamp: 551 })),
      'a copy has lost its headers': () => copied({ ...traits, headers: '' }),
      'a copy has the time of its copying': () => copied({ ...traits, timestamp: 200 }),
    },
    legal: {
      'it lies there, and is read, as it was sent': () =>
        written(story()).add('c', poll(traits)).add('world', final(traits)),
      'nobody looked at its headers': () => written(story()).log('a'),
      'it has the time of appending, at the first moment and the last': () => appended(500),
      'it has the time of appending, at the last moment': () => appended(600),
      'the clock of the server was set between': () =>
        story(appendTime)
          .add('p', send({ ...traits, serverMs: 500 }))
          .add('server', setBack)
          .add('p', sent({ timestamp: 470, serverMs: 480 }))
          .add('world', final({ ...traits, timestamp: 470 })),
      'a send of unknown end is appended later': () =>
        story(appendTime)
          .add('p', send({ ...traits, serverMs: 500 }))
          .sent('a', { outcome: 'unknown' })
          .add('world', final({ ...traits, timestamp: 900 })),
      'a copy of a plain request is appended later': () =>
        story(appendTime)
          .add('p', { ...(send({ ...traits, serverMs: 500 }) as object), producer: 'plain' } as EventContent)
          .add('p', { type: 'sent', value: 'a', outcome: 'ok', offset: -1, serverMs: 510 })
          .add('world', final({ ...traits, timestamp: 900 })),
      'a copy of a plain request is appended later, by a clock that was set back after the answer': () =>
        story(appendTime)
          .add('p', { ...(send({ ...traits, serverMs: 500 }) as object), producer: 'plain' } as EventContent)
          .add('p', { type: 'sent', value: 'a', outcome: 'ok', offset: -1, serverMs: 510 })
          .add('server', setBack)
          .add('world', final({ ...traits, timestamp: 470 })),
      'a copy of an answered request is appended to a topic of the name that was made later': () =>
        story(appendTime)
          .add('p', send({ ...traits, serverMs: 500 }))
          .sent('a', { at: 0, isByName: true })
          .add('admin', { type: 'topic-deleted', topic, topicId })
          .creates({ topicId: 'o2', ...appendTime })
          .add('world', { ...final({ ...traits, timestamp: 900 }), topicId: 'o2' } as EventContent),
      'its topic changed from one time to the other': () => appended(100, story(appendTime).add('admin', toCreateTime)),
      'a producer without numbers was told the time of the batch': () =>
        story()
          .add('p', send(traits))
          .add('p', sent({ timestamp: 130 }))
          .add('world', final(traits)),
      'a copy is as its input': () => copied(traits),
      'an output that keeps nothing of its input': () => copied({ headers: '', timestamp: 200 }, false),
    },
  },
]
