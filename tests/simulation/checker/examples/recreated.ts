import { story } from './example.ts'
import { begin } from './begin-reading.ts'
import { type Story, topic, topicId } from './story.ts'

const over = { type: 'final-polls-over' } as const

const synced = (id: string, endOffset: number) =>
  ({ type: 'synced', logs: [{ topic, topicId: id, partition: 0, endOffset }] }) as const

/** The topic goes, and another one has its name. */
const anew = (before: Story): Story =>
  before.add('admin', { type: 'topic-deleted', topic, topicId }).creates({ topicId: 'o2' })

const byName = { isByName: true } as const
const processed = (session: number, ...offsets: readonly number[]) =>
  ({
    type: 'processed',
    consumer: 'c',
    session,
    records: offsets.map((offset) => ({ topic, partition: 0, offset })),
  }) as const
const commits = (offset: number) =>
  ({
    type: 'commit',
    commit: 1,
    consumer: 'c',
    group: 'g',
    memberId: 'm',
    memberEpoch: 1,
    how: 'manual',
    offsets: [{ topic, partition: 0, offset }],
  }) as const

/** Handlers side by side are given records of the second topic, and one that was sent while there was the first. */
const sideBySide = (): Story =>
  anew(story().send('w').add('c', begin('c')))
    .sends('a', { at: 0, ...byName })
    .sends('b', { at: 1, ...byName })
    .sends('d', { at: 2, ...byName })
    .sent('w', { at: 3, ...byName })
    .reads('b@1', { how: 'parallel', ...byName })
    .reads('d@2', { how: 'parallel', ...byName })
    .reads('w@3', { how: 'parallel', ...byName })

/** A commit behind what was not given out, in the stay after that. */
export const aheadInTheNextStay = (): Story =>
  sideBySide()
    .reads('a@0', { how: 'parallel', session: 2, ...byName })
    .add('c', processed(2, 0))
    .add('c', commits(2))
    .add('world', over)
    .log('a b d w', { topicId: 'o2' })

/** What nobody does wrong where a topic is made anew while it is written and read by its name alone. */
export const recreated: Readonly<Record<string, () => Story>> = {
  'a request is answered by neither, and repeated to the second': () =>
    anew(story().send('a').add('c', begin('c')).add('disk', synced(topicId, 6)).reads('a@5', { isByName: true }))
      .sent('a', { at: 0, isByName: true })
      .add('disk', synced('o2', 1))
      .reads('a@0', { isByName: true })
      .add('world', over)
      .log('a', { topicId: 'o2' }),
  'a copy of a request that was answered gets to the second, behind what follows': () =>
    anew(story().sends('a', { at: 0, isByName: true }).add('c', begin('c')).reads('a@0', { isByName: true }))
      .sends('b', { at: 0, isByName: true })
      .reads('b@0 a@1', { isByName: true })
      .add('world', over)
      .log('b a', { topicId: 'o2' }),
  'a copy of a request that was answered gets to the second, which goes too': () =>
    anew(
      story()
        .sends('b', { at: 0, isByName: true })
        .sends('a', { at: 1, isByName: true })
        .add('c', begin('c'))
        .reads('b@0', { isByName: true }),
    )
      .reads('a@0', { isByName: true })
      .add('admin', { type: 'topic-deleted', topic, topicId: 'o2' })
      .creates({ topicId: 'o3' })
      .add('world', over)
      .log('', { topicId: 'o3' }),
  'a reader goes on in the second': () =>
    anew(
      story()
        .sends('a', { at: 0, isByName: true })
        .sends('b', { at: 1, isByName: true })
        .add('c', begin('c'))
        .reads('a@0 b@1', { isByName: true }),
    )
      .sends('d', { at: 0, isByName: true })
      .reads('d@0', { isByName: true })
      .add('world', over)
      .log('d', { topicId: 'o2' }),
  'handlers side by side begin with the first record after one that may be of either topic': () =>
    sideBySide()
      .reads('a@0', { how: 'parallel', ...byName })
      .add('c', processed(1, 1, 2, 3, 0))
      .add('c', commits(4))
      .add('world', over)
      .log('a b d w', { topicId: 'o2' }),
  'a reader commits what it has processed of the second': () =>
    anew(story().send('a').add('c', begin('c')).reads('a@5', { isByName: true }))
      .sent('a', { outcome: 'unknown' })
      .sends('b', { at: 0, isByName: true })
      .reads('b@0', { isByName: true })
      .add('c', processed(1, 0))
      .add('c', commits(1))
      .add('world', over)
      .log('b', { topicId: 'o2' }),
}
