import type { EventContent, EventOf } from '../../history/history-event.ts'
import { begin } from './begin-reading.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic, topicId } from './story.ts'

const place = { topic, partition: 0 }
const over = { type: 'final-polls-over' } as const
const reading = (by = 'c', more: Partial<EventOf<'reading'>> = {}): EventContent =>
  begin(by, { from: 'latest', isToSeeAll: false, ...more })
const told = (type: 'assigned' | 'revoked' | 'lost', by = 'c', group?: string): EventContent => ({
  type,
  consumer: by,
  session: 1,
  partitions: [place],
  ...(group !== undefined && { group }),
})
const alone = (): Story => story().add('c', reading()).add('c', told('assigned'))
const joins = (to: Story, by = 'c'): Story =>
  to.add(by, reading(by, { group: 'g', isAutomatic: true })).add(by, told('assigned', by, 'g'))
const leaves = (to: Story, how: 'revoked' | 'lost' = 'revoked', by = 'c'): Story => to.add(by, told(how, by, 'g'))
const taken = {
  type: 'commit-taken',
  group: 'g',
  memberId: 'm',
  memberEpoch: 1,
  offsets: [{ topic, topicId, partition: 0, offset: 0 }],
} as const
const fault = { type: 'fault', fault: 'lost answer c/1', operation: 'fetch' } as const
const refusal = { ...fault, operation: 'listOffsets' } as const

/** Readers that begin at the end. */
export const atTheEnd: readonly Examples[] = [
  {
    kind: 'skipped-at-the-end',
    found: {
      'one on its own is not given what was sent since': () =>
        alone().sends('a', { at: 0 }).add('world', over).log('a'),
      'it begins behind it': () =>
        alone().sends('a', { at: 0 }).sends('b', { at: 1 }).reads('b@1').add('world', over).log('a b'),
      'it begins behind it, and is killed': () =>
        alone()
          .sends('a', { at: 0 })
          .sends('b', { at: 1 })
          .reads('b@1')
          .add('c', { type: 'killed' })
          .add('world', over)
          .log('a b'),
      'a group is not given what came between two members': () =>
        joins(leaves(joins(story())).sends('a', { at: 0 }), 'd')
          .add('world', over)
          .log('a'),
      'nor after one was lost, when its place was committed': () =>
        joins(leaves(joins(story()).add('server', taken), 'lost').sends('a', { at: 0 }), 'd')
          .add('world', over)
          .log('a'),
      'a fault long ago is no reason': () =>
        joins(leaves(joins(story().add('c', fault).after(20_000))).sends('a', { at: 0 }), 'd')
          .add('world', over)
          .log('a'),
    },
    legal: {
      'it is given all': () => alone().sends('a', { at: 0 }).reads('a@0').add('world', over).log('a'),
      'it was sent before': () => story().sends('a', { at: 0 }).add('c', reading()).add('c', told('assigned')).log('a'),
      'it was handed to its producer before': () =>
        story()
          .send('a')
          .add('c', reading())
          .add('c', told('assigned'))
          .sent('a', { at: 0 })
          .add('world', over)
          .log('a'),
      'another member is given it': () =>
        joins(leaves(joins(story())).sends('a', { at: 0 }), 'd')
          .reads('a@0', { by: 'd', group: 'g' })
          .add('world', over)
          .log('a'),
      'one on its own begins anew': () =>
        alone().add('c', told('revoked')).sends('a', { at: 0 }).add('c', told('assigned')).add('world', over).log('a'),
      'a member was lost before its place was committed': () =>
        joins(leaves(joins(story()), 'lost').sends('a', { at: 0 }), 'd')
          .add('world', over)
          .log('a'),
      'something went wrong when it left': () =>
        joins(leaves(joins(story())).add('c', fault).sends('a', { at: 0 }), 'd')
          .add('world', over)
          .log('a'),
      'or shortly before it came': () =>
        joins(leaves(joins(story().add('c', fault).after(5000))).sends('a', { at: 0 }), 'd')
          .add('world', over)
          .log('a'),
      'it commits by hand alone': () =>
        joins(
          story()
            .add('c', reading('c', { group: 'g' }))
            .add('c', told('assigned', 'c', 'g'))
            .add('c', told('revoked', 'c', 'g'))
            .sends('a', { at: 0 }),
          'd',
        )
          .add('world', over)
          .log('a'),
      'it was sent when all were being ended': () => alone().add('world', over).sends('a', { at: 0 }).log('a'),
      'it was under way then': () => alone().send('a').add('world', over).sent('a', { at: 0 }).log('a'),
      'it was refused where it begins': () =>
        story()
          .add('c', reading())
          .add('c', refusal)
          .add('c', told('assigned'))
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a'),
      'nobody has the partition in the end': () =>
        leaves(joins(story())).sends('a', { at: 0 }).add('world', over).log('a'),
      'an admin has moved the group': () =>
        joins(story())
          .add('admin', { type: 'offsets-reset', group: 'g', offsets: [] })
          .sends('a', { at: 0 })
          .add('world', over)
          .log('a'),
      'it was aborted': () =>
        alone().begins('t/1').sends('a', { in: 't/1', at: 0 }).aborts('t/1').add('world', over).log('a:aborted -'),
      'handlers side by side begin in an order of their own': () =>
        alone()
          .sends('a', { at: 0 })
          .sends('b', { at: 1 })
          .reads('b@1', { how: 'parallel' })
          .reads('a@0', { how: 'parallel' })
          .add('world', over)
          .log('a b'),
    },
  },
]
