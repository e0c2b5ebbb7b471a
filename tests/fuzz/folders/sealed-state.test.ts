import { beforeAll, describe, expect, it } from 'vitest'
import { sealState } from './seal-state.ts'
import { diskOf, historyOfState, openedState, stateContent, type StateHistory } from './state-history.ts'

/** What the target of the fuzzer looks for by chance, for each place where a decoder stands behind a checksum. */
let history: StateHistory
beforeAll(async () => {
  history = await historyOfState()
})

const oneFile = 3
const withSnapshot = 5

/** What is found and said to be lost once the files were changed and their checksums made right again. */
async function opened(folder: number, change: (files: Map<string, Buffer>) => unknown): Promise<[string, string[]]> {
  const files = new Map([...(history.folders[folder] ?? [])].map(([name, bytes]) => [name, Buffer.from(bytes)]))
  change(files)
  sealState(files)
  const losses: string[] = []
  const storage = await openedState(diskOf(files), (why) => void losses.push(why))
  try {
    return [stateContent(storage), losses]
  } finally {
    await storage.close()
  }
}

/** Puts another JSON in the place of one, with its length. */
function withJson(bytes: Buffer, from: number, to: number, lengthAt: number, json: string): Buffer {
  const changed = Buffer.concat([bytes.subarray(0, from), Buffer.from(json), bytes.subarray(to)])
  changed.writeUInt32LE(Buffer.byteLength(json), lengthAt)
  return changed
}

const headEnd = (bytes: Buffer): number => 20 + bytes.readUInt32LE(16)

const noMetas = [
  '{',
  'null',
  '[]',
  '{}',
  '{"checkpoint":null,"stores":[],"files":[]}',
  '{"checkpoint":{"s":1},"stores":[],"files":[]}',
  '{"checkpoint":{"s":{"offset":1.5,"observedTime":1}},"stores":[],"files":[]}',
  '{"checkpoint":{"s":{"offset":1,"observedTime":null}},"stores":[],"files":[]}',
  '{"checkpoint":{},"stores":{},"files":[]}',
  '{"checkpoint":{},"stores":[["s",65536]],"files":[]}',
  '{"checkpoint":{},"stores":[["s",0],["t",0]],"files":[]}',
  '{"checkpoint":{},"stores":[["s",0],["s",1]],"files":[]}',
  '{"checkpoint":{},"stores":[[1,1]],"files":[]}',
  '{"checkpoint":{},"stores":[],"files":[null]}',
  '{"checkpoint":{},"stores":[],"files":[[1,-1]]}',
  '{"checkpoint":{},"stores":[],"files":[["1",1]]}',
]

describe('the state of a task with right checksums that nobody has written', () => {
  it('is as it was when nothing was changed', async () => {
    for (const [index] of history.folders.entries()) {
      const [content, losses] = await opened(index, () => undefined)
      expect(losses).toEqual([])
      expect(history.known).toContain(content)
    }
  })

  it.each(noMetas)('ends before a frame whose end says %s', async (json) => {
    let first = 0
    const [content, losses] = await opened(oneFile, (files) => {
      const bytes = files.get('1.state') as Buffer
      first = headEnd(bytes)
      const recordsEnd = first + 16 + bytes.readUInt32LE(first + 8)
      const end = recordsEnd + bytes.readUInt32LE(first + 12)
      files.set('1.state', withJson(bytes, recordsEnd, end, first + 12, json))
    })
    expect(losses).toEqual([`the file 1.state is damaged at byte ${first}`])
    expect(content).toBe('[[],[[],[]]]')
  })

  it.each([
    ['key', 14, [1000, 2 ** 31, 2 ** 32 - 1]],
    ['value', 18, [0, 1000, 2 ** 31, 2 ** 32 - 2]],
  ])('ends before a record whose %s is longer or shorter than its frame', async (_what, field, lengths) => {
    for (const length of lengths) {
      let first = 0
      const [, losses] = await opened(oneFile, (files) => {
        const bytes = files.get('1.state') as Buffer
        first = headEnd(bytes)
        bytes.writeUInt32LE(length, first + 16 + field)
      })
      expect(losses, `${length}`).toEqual([`the file 1.state is damaged at byte ${first}`])
    }
  })

  it.each([
    '{',
    '[]',
    '{}',
    '{"id":1,"nonce":1,"seed":1,"before":[]}',
    ...['0', '1.5', '"1"', '1e300'].map(
      (id) => `{"id":${id},"nonce":1,"seed":1,"before":[],"meta":{"checkpoint":{},"stores":[],"files":[]}}`,
    ),
    '{"id":1,"nonce":1,"seed":1,"before":[{"id":2}],"meta":{"checkpoint":{},"stores":[],"files":[]}}',
  ])('is none when its only file has the head %s', async (json) => {
    const [content, losses] = await opened(oneFile, (files) => {
      const bytes = files.get('1.state') as Buffer
      files.set('1.state', withJson(bytes, 20, headEnd(bytes), 16, json))
    })
    expect(losses).toEqual(['none of its files has a head that this version of kafkado reads'])
    expect(content).toBe('[[],[[],[]]]')
  })

  it('is read from its files when its snapshot says what none can', async () => {
    const [content] = await opened(withSnapshot, () => undefined)
    for (const [text, other] of [
      ['"stores":[[2,1],[1,2]]', '"stores":[[2,0.5],[1,2]]'],
      ['"stores":[[2,1],[1,2]]', '"stores":{"2":1,"1":2}'],
      ['"stores":[[2,1],[1,2]]', '"stores":[[3,1],[1,2]]'],
      ['"stores":[[2,1],[1,2]]', '"stores":[[1,1],[1,2]]'],
      ['"stores":[[2,1],[1,2]]', '"stores":[[2,1],[1,2],[3,0]]'],
      ['"lastFrameAt":', '"lastFrame":'],
      ['"slots":', '"slot":'],
      ['"position":', '"place":'],
      ['"checkpoint":', '"check":'],
    ] as const) {
      const [found, losses] = await opened(withSnapshot, (files) => {
        const bytes = files.get('2.index') as Buffer
        const json = bytes.toString('utf8', 20, headEnd(bytes))
        expect(json).toContain(text)
        files.set('2.index', withJson(bytes, 20, headEnd(bytes), 16, json.replace(text, other)))
      })
      expect(found, other).toBe(content)
      expect(losses).toEqual([])
    }
  })

  /** Lets an entry of a snapshot lead to the record of another one. */
  const misled = (files: Map<string, Buffer>): void => {
    const bytes = files.get('2.index') as Buffer
    const [one, other] = offsetsIn(bytes) as [number, number]
    bytes.copyWithin(one, other, other + 4)
  }

  it('is told to be damaged where a snapshot leads to another record', async () => {
    await expect(opened(withSnapshot, misled)).rejects.toThrow(
      /the file \d+\.state in the folder a simulated folder for state is damaged at byte \d+: the record there is another/,
    )
  })

  it('gives up no file of which a snapshot says what is not so', async () => {
    const writes = async (change: (files: Map<string, Buffer>) => void): Promise<[unknown, string[]]> => {
      const files = new Map([...(history.folders[withSnapshot] ?? [])].map(([name, one]) => [name, Buffer.from(one)]))
      change(files)
      sealState(files)
      const disk = diskOf(files)
      const storage = await openedState(disk, () => undefined)
      let refused: unknown
      for (let left = 200; left > 0 && refused === undefined; left--)
        refused = await storage
          .write([{ store: 's', key: Buffer.from('more'), value: Buffer.alloc(200) }], {})
          .then(() => undefined, String)
      await storage.close()
      return [refused, [...disk.names.keys()]]
    }
    const [sound, left] = await writes(() => undefined)
    expect(sound).toBeUndefined()
    expect(left.filter((name) => /^[1-4]\.state$/.test(name))).toEqual([])
    const [refused] = await writes(misled)
    expect(refused).toMatch(/is damaged; it has to be opened anew/)
  })
})

/** Where the offsets of the entries of a snapshot lie. */
function offsetsIn(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = headEnd(bytes); at + 12 <= bytes.length;) {
    const entries = bytes.readUInt32LE(at + 8)
    for (let index = 0; index < entries; index++) found.push(at + 12 + 4 * (entries + index))
    at += 12 + 8 * entries + 4 * Math.ceil(entries / 2)
  }
  return found
}
