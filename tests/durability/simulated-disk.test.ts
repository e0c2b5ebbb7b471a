import { seededRandom } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import type { TraceFrame } from './disk-trace.ts'
import { FileContent } from './file-content.ts'
import { SimulatedDisk } from './simulated-disk.ts'

const frame = (op: TraceFrame['op'], text = '', offset = 0, file = 0): TraceFrame => ({
  op,
  isSynchronous: false,
  file,
  offset,
  bytes: Buffer.from(text),
})
const made = [frame('C', 'data.mdb'), frame('F')]

/** Everything that a cut at this place may leave of data.mdb, sorted; `-` where it has no such name. */
function remains(...frames: readonly TraceFrame[]): string[] {
  const found = new Set<string>()
  for (let seed = 0; seed < 300; seed++) {
    const disk = new SimulatedDisk()
    for (const one of frames) disk.play(one)
    found.add(disk.afterPowerCut(seededRandom(seed)).get('data.mdb')?.toString() ?? '-')
  }
  return [...found].sort()
}

describe('what a power cut leaves', () => {
  it.each<[string, TraceFrame[], string[]]>([
    ['a file whose name is not synced, or not', [frame('C', 'data.mdb')], ['', '-']],
    ['a file whose name is synced', made, ['']],
    ['a write that is not synced, or not', [...made, frame('W', 'a')], ['', 'a']],
    ['a write before a sync', [...made, frame('W', 'a'), frame('B'), frame('D')], ['a']],
    ['a write while a sync is under way, or not', [...made, frame('B'), frame('W', 'a'), frame('D')], ['', 'a']],
    ['a write whose sync has not returned, or not', [...made, frame('W', 'a'), frame('B')], ['', 'a']],
    ['two writes in any order', [...made, frame('W', 'a'), frame('W', 'b', 1)], ['', '\0b', 'a', 'ab']],
    ['one of two writes to a place', [...made, frame('W', 'a'), frame('W', 'b')], ['', 'a', 'b']],
    [
      'a file that is cut off, or not',
      [...made, frame('W', 'ab'), frame('B'), frame('D'), frame('T', '', 1)],
      ['a', 'ab'],
    ],
    [
      'a file under the name of another, or that one',
      [
        ...made,
        frame('C', 'data.mdb.new', 0, 1),
        frame('W', 'n', 0, 1),
        frame('B', '', 0, 1),
        frame('D', '', 0, 1),
        frame('R', 'data.mdb', 0, 1),
      ],
      ['', 'n'],
    ],
    [
      'the file that has taken the place of another',
      [...made, frame('C', 'data.mdb.new', 0, 1), frame('R', 'data.mdb', 0, 1), frame('F')],
      [''],
    ],
    ['a file that is removed, or not', [...made, frame('U', 'data.mdb')], ['', '-']],
    ['no file that was removed for good', [...made, frame('U', 'data.mdb'), frame('F')], ['-']],
  ])('is %s', (_what, frames, expected) => {
    expect(remains(...frames)).toEqual(expected)
  })

  it('is torn at sectors alone', () => {
    const found = remains(...made, frame('W', 'x'.repeat(1024)))
    const sectors = ['x'.repeat(512), '\0'.repeat(512)]
    const [x, zeros] = sectors
    expect(new Set(found)).toEqual(new Set(['', `${x}`, `${x}${x}`, `${zeros}${x}`]))
  })
})

describe('the content of a file', () => {
  it('grows by zeros, also where it was cut off before', () => {
    const content = new FileContent()
    content.put(frame('W', 'abc', 1))
    content.put(frame('T', '', 2))
    content.put(frame('T', '', 5))
    expect(content.bytes.toString()).toBe('\0a\0\0\0')
    content.put(frame('W', 'z', 6))
    expect(content.bytes.toString()).toBe('\0a\0\0\0\0z')
  })

  it('is another one once it was copied', () => {
    const content = new FileContent()
    content.put(frame('W', 'ab'))
    const copy = content.copy()
    copy.put(frame('W', 'x'))
    expect([content.bytes.toString(), copy.bytes.toString()]).toEqual(['ab', 'xb'])
  })
})
