import type { EventContent } from '../../history/history-event.ts'
import { type Examples, story } from './example.ts'
import { GroupStory } from './group-story.ts'
import { type Story, topic } from './story.ts'

const kept = (offset: number, session = 1): EventContent => ({
  type: 'kept',
  consumer: 'c',
  session,
  topic,
  partition: 0,
  offset,
})
const shown = (to: Story, record: string, isKept: boolean, session = 1): Story =>
  to.reads(record, { how: 'filter', isKept, session })
const second = { type: 'overlapping-next', consumer: 'c' } as const
const group = (): GroupStory => new GroupStory()
const nothing = (to: GroupStory): GroupStory => to

/** What those who read do besides reading. */
export const programs: readonly Examples[] = [
  {
    kind: 'wrong-filter',
    found: {
      'a loop is given what is left out': () => shown(story(), 'a@0', false).add('c', kept(0)),
      'it is given another one': () => shown(story(), 'a@0', true).add('c', kept(1)),
      'it is given one twice': () => shown(story(), 'a@0', true).add('c', kept(0)).add('c', kept(0)),
      'it is not given what is kept': () => shown(shown(story(), 'a@0', true), 'b@1', true).add('c', kept(1)),
    },
    legal: {
      'it is given what is kept': () => shown(shown(story(), 'a@0', false), 'b@1', true).add('c', kept(1)),
      'all is left out': () => shown(shown(story(), 'a@0', false), 'b@1', false),
      'the loop was left with it': () => shown(shown(story(), 'a@0', true), 'a@0', true, 2).add('c', kept(0, 2)),
      'the story ends before': () => shown(story(), 'a@0', true),
    },
  },
  {
    kind: 'overlapping-next',
    found: { 'it is given a record': () => story().add('c', { ...second, outcome: 'given' }) },
    legal: {
      'it is refused': () => story().add('c', { ...second, outcome: 'refused' }),
      'reading fails': () => story().add('c', { ...second, outcome: 'failed', error: 'DISCONNECTED' }),
    },
  },
  {
    kind: 'commit-not-taken',
    found: {
      'the group has taken nothing': () => group().calls(5, 'ok', nothing),
      'it has taken less': () => group().calls(5, 'ok', (to) => to.takes('m', 4)),
      'of another partition': () =>
        group().calls(5, 'ok', (to) => to.takes('m', 5, { offsets: [{ topic, partition: 1, offset: 5 }] })),
      'of another group': () => group().calls(5, 'ok', (to) => to.takes('m', 5, { group: 'h' })),
      'it takes it afterwards': () => group().calls(5, 'ok', nothing).takes('m', 5),
    },
    legal: {
      'it has taken it': () => group().calls(5, 'ok', (to) => to.takes('m', 5)),
      'it had taken one behind it': () => group().takes('n', 6).calls(5, 'ok', nothing),
      'it failed': () => group().calls(5, 'failed', nothing),
      'nobody knows': () => group().calls(5, 'unknown', nothing),
      'records are processed side by side': () => {
        const place = { topic, partition: 0, offset: 5 }
        return group()
          .add('m', { type: 'commit-called', call: 0, consumer: 'M', group: 'g', place, mayStopBefore: true })
          .takes('m', 4)
          .add('m', { type: 'commit-returned', call: 0, outcome: 'ok' })
      },
    },
  },
]
