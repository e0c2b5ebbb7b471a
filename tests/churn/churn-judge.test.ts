import { describe, expect, it } from 'vitest'
import { ChurnJudge } from './churn-judge.ts'
import type { ChurnNote } from './churn-journal.ts'

const assigned = (member: string, ...partitions: number[]): ChurnNote => ({ member, what: 'assigned', partitions })
const gone = (member: string, ...partitions: number[]): ChurnNote => ({ member, what: 'gone', partitions })
const dead = (member: string): ChurnNote => ({ member, what: 'dead' })
const processed = (...offsets: number[]): ChurnNote[] =>
  offsets.map((offset) => ({ member: 'a', what: 'processed', partition: 0, offset }))

function judged(...notes: readonly ChurnNote[]): ChurnJudge {
  const judge = new ChurnJudge(2)
  for (const note of notes) judge.read(note)
  return judge
}

describe('what a group must not do', () => {
  it.each<[string, ChurnNote[]]>([
    ['a partition given up before another gets it', [assigned('a', 0, 1), gone('a', 1), assigned('b', 1)]],
    ['a partition of one that has died', [assigned('a', 0, 1), dead('a'), assigned('b', 0, 1)]],
    ['a partition that comes back', [assigned('a', 0), gone('a', 0), assigned('a', 0)]],
    ['what one that stood still gives up late', [assigned('a', 0), dead('a'), assigned('b', 0), gone('a', 0)]],
  ])('is not %s', (_what, notes) => {
    expect(judged(...notes).violations).toEqual([])
  })

  it.each<[string, ChurnNote[]]>([
    ['two owners', [assigned('a', 0), assigned('b', 0)]],
    [
      'a third owner after one that gave up late',
      [assigned('a', 0), dead('a'), assigned('b', 0), gone('a', 0), assigned('c', 0)],
    ],
    [
      'an owner while another partition of the first was given up',
      [assigned('a', 0, 1), gone('a', 1), assigned('b', 0)],
    ],
  ])('is %s', (_what, notes) => {
    expect(judged(...notes).violations).toHaveLength(1)
  })

  it('is a commit of what nobody has processed', () => {
    const judge = judged(...processed(0, 1, 3))
    judge.committed(0, 2)
    expect(judge.violations).toEqual([])
    judge.committed(0, 4)
    expect(judge.violations).toHaveLength(1)
  })

  it('is a record that is left out', () => {
    const judge = judged(...processed(1, 0, 3, 3))
    judge.ended(0, 4)
    expect(judge.violations).toEqual(['record 0/2 was never processed'])
    expect(judge.repeated).toBe(1)
  })

  it('is a group that goes after it has committed', () => {
    const judge = judged()
    judge.look(undefined, [assigned('a', 0), ...processed(0)])
    judge.look([{ partition: 0, committed: null }], [])
    judge.look(undefined, [])
    expect(judge.violations).toEqual([])
    judge.look([{ partition: 0, committed: 1 }], [])
    judge.look(undefined, [])
    expect(judge.violations).toEqual(['the group is not there, although it had committed'])
    expect(judge.joined).toBe(1)
  })
})
