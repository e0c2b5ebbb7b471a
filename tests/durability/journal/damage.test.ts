import { StorageChanges } from '@kafkado/broker/storage'
import { seededRandom, StorageError } from '@kafkado/core'
import { soundRecordBatches } from '@kafkado/core/internal'
import { beforeAll, describe, expect, it } from 'vitest'
import { open } from './journal-cuts.ts'
import { ModelledWork } from './modelled-work.ts'
import { SimulatedFolder } from './simulated-folder.ts'

/** What a journal looks like when the process has ended, and what is in it. */
interface Left {
  readonly files: ReadonlyMap<string, Buffer>
  readonly contents: string
  readonly work: ModelledWork
}

const random = seededRandom(11)
const below = (end: number): number => Math.floor(random.next() * end)

/** How a process has ended; without a checkpoint, all that there is has to be read from the frames. */
type Ending = 'closed' | 'killed' | 'killed before its first checkpoint'

async function leave(ending: Ending, tasks = 150): Promise<Left> {
  const noRoom = { error: Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }) }
  const hasRoom = ending !== 'killed before its first checkpoint'
  const folder = new SimulatedFolder(random, {
    fault: (call, name) => (call === 'create' && /checkpoint/.test(name) && !hasRoom ? noRoom : undefined),
  })
  const storage = open(folder, random)
  const work = new ModelledWork(random, 0)
  await storage.open()
  for (let task = 0; task < tasks; task++) await (task % 40 === 39 ? work.removal() : work.unit()).carryOut(storage)
  await storage.reclaim()
  // A few frames that no checkpoint has.
  do await work.unit().carryOut(storage)
  while (framesOf(folder.contents()).length < 5)
  const contents = work.contents(storage)
  const killed = folder.contents()
  await storage.close()
  return { files: ending === 'closed' ? folder.contents() : killed, contents, work }
}

/** Opens what is there; the error that it comes to, or what it then holds. */
async function openLeft(left: ReadonlyMap<string, Buffer>, work: ModelledWork): Promise<StorageError | string> {
  const folder = new SimulatedFolder(random, {}, left)
  const before = sizes(folder.contents())
  const storage = open(folder, random)
  try {
    await storage.open()
    return work.contents(storage)
  } catch (error) {
    if (!StorageError.is(error)) throw error
    // It is as it was found, for whoever looks into it.
    expect(sizes(folder.contents())).toEqual(before)
    return error
  } finally {
    await storage.close()
  }
}

const sizes = (files: ReadonlyMap<string, Buffer>): [string, number][] =>
  [...files].map(([name, { length }]): [string, number] => [name, length]).filter(([name]) => name !== 'acknowledged')

/**
 * What is not as it was, except batches whose checksum is wrong; it does not cover where a batch says that it lies (its
 * first 21 bytes).
 */
function differences(expected: string, found: string): unknown[] {
  const [was, is] = [JSON.parse(expected) as unknown[], JSON.parse(found) as unknown[]]
  return is.filter((one, index) => {
    const before = was[index]
    if (JSON.stringify(one) === JSON.stringify(before)) return false
    if (typeof one !== 'string' || typeof before !== 'string' || one.length !== before.length) return true
    const [bytes, old] = [Buffer.from(one, 'base64'), Buffer.from(before, 'base64')]
    const { soundBytes } = soundRecordBatches(bytes)
    return soundBytes === bytes.length && !isInPlace(bytes, old)
  })
}

function isInPlace(bytes: Buffer, old: Buffer): boolean {
  for (let start = 0; start < old.length; start += old.readInt32BE(start + 8) + 12) {
    const from = start + 21
    const end = start + old.readInt32BE(start + 8) + 12
    if (!bytes.subarray(from, end).equals(old.subarray(from, end))) return false
  }
  return true
}

const lastFile = (files: ReadonlyMap<string, Buffer>): string =>
  `${Math.max(...[...files.keys()].filter((name) => name.endsWith('.journal')).map((name) => Number.parseInt(name)))}.journal`
/** Where the frames of the last file begin. */
function framesOf(files: ReadonlyMap<string, Buffer>): number[] {
  const bytes = files.get(lastFile(files)) as Buffer
  const starts: number[] = []
  for (let at = bytes.indexOf('KFRM'); at >= 0; at = bytes.indexOf('KFRM', at + 1)) starts.push(at)
  return starts
}

const endings = ['closed', 'killed', 'killed before its first checkpoint'] as const
const left = {} as Record<Ending, Left>
beforeAll(async () => {
  for (const ending of endings) left[ending] = await leave(ending)
})

/** What somebody, or a disk, does to one file; undefined removes it. */
const damages: readonly (readonly [string, (bytes: Buffer) => Buffer | undefined])[] = [
  ['removed', () => undefined],
  ['emptied', () => Buffer.alloc(0)],
  ['cut in half', (bytes) => bytes.subarray(0, bytes.length >> 1)],
  ['cut off by a byte', (bytes) => bytes.subarray(0, bytes.length - 1)],
  ['cut off anywhere', (bytes) => bytes.subarray(0, below(bytes.length))],
  ['filled with zeros', (bytes) => Buffer.alloc(bytes.length)],
  ['a database of another kind', () => Buffer.from('SQLite format 3\0'.repeat(300))],
  ['another text', () => Buffer.from('key,value\n1,2\n')],
  [
    'zeros from the middle on',
    (bytes) => Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length - (bytes.length >> 1))]),
  ],
]

describe.each(endings)('a journal whose process was %s', (how) => {
  it('is as it was', async () => {
    expect(await openLeft(left[how].files, left[how].work)).toBe(left[how].contents)
    expect([...left[how].files.keys()].filter((name) => name.endsWith('.journal')).length).toBeGreaterThan(2)
  })

  it.each(damages)('is refused, by the name of the file and the byte, when one was %s', async (_what, damage) => {
    const { files, contents, work } = left[how]
    for (const [name, bytes] of files) {
      if (!/journal$|checkpoint$/.test(name)) continue
      const damaged = damage(bytes)
      const changed = new Map(files)
      if (damaged) changed.set(name, damaged)
      else changed.delete(name)
      const found = await openLeft(changed, work)
      // Where zeros were cut off, or what was cut off had been for nobody, all is there.
      if (found === contents) continue
      expect.soft(typeof found === 'string' ? `${name} is taken for sound` : found.message).toContain(name)
      if (typeof found !== 'string') expect.soft(found.message).toMatch(/is damaged at byte \d+: |is missing: /)
    }
  })

  it('tells of a bit that is another one, or has all that there was but a batch whose checksum is wrong', async () => {
    const { files, contents, work } = left[how]
    const seen = { refused: 0, unchanged: 0, batch: 0 }
    for (let flip = 0; flip < 120; flip++) {
      const names = [...files.keys()].filter((name) => /journal$|checkpoint$/.test(name))
      const name = names[flip % names.length] as string
      const bytes = Buffer.from(files.get(name) as Buffer)
      const at = below(bytes.length)
      bytes[at] = (bytes[at] as number) ^ (1 << below(8))
      const found = await openLeft(new Map(files).set(name, bytes), work)
      if (typeof found !== 'string') {
        seen.refused++
        expect.soft(found.message).toContain(name)
        expect.soft(found.message).toMatch(/is damaged at byte \d+: /)
      } else if (found === contents) seen.unchanged++
      else {
        seen.batch++
        expect.soft(differences(contents, found), `byte ${at} of ${name}`).toEqual([])
      }
    }
    expect(seen.refused).toBeGreaterThan(5)
  })

  it('is refused when a file has the name of another', async () => {
    const { files, work } = left[how]
    for (const kind of [/journal$/, /checkpoint$/]) {
      const names = [...files.keys()].filter((name) => kind.test(name))
      const [first, second] = names.sort((left, right) => Number.parseInt(left) - Number.parseInt(right)).slice(-2)
      if (!first || !second) continue
      const changed = new Map(files).set(first, files.get(second) as Buffer).set(second, files.get(first) as Buffer)
      expect(String(await openLeft(changed, work))).toMatch(/by another name/)
    }
  })

  it('is refused when a file is that of another journal', async () => {
    const { files, work } = left[how]
    const other = await leave(how, 100)
    for (const [name, bytes] of other.files) {
      if (!name.endsWith('.journal') || !files.has(name)) continue
      expect.soft(String(await openLeft(new Map(files).set(name, bytes), work))).toContain(name)
    }
  })
})

describe('a journal that was killed', () => {
  it('is refused when a file between others is missing, also when nothing says what was acknowledged', async () => {
    const { files, work } = left['killed before its first checkpoint']
    const journals = [...files.keys()].filter((name) => name.endsWith('.journal'))
    for (const name of journals.filter((one) => one !== lastFile(files))) {
      const changed = new Map(files)
      changed.delete('acknowledged')
      changed.delete(name)
      expect.soft(String(await openLeft(changed, work)), name).toContain(`the file ${name} in`)
    }
    expect(journals.length).toBeGreaterThan(3)
  })

  it('is refused when its last file was cut off at any frame, by what was acknowledged', async () => {
    const { files, contents, work } = left.killed
    const last = lastFile(files)
    const bytes = files.get(last) as Buffer
    let refused = 0
    for (let length = 64; length < bytes.length; length += 37) {
      const found = await openLeft(new Map(files).set(last, bytes.subarray(0, length)), work)
      if (found === contents) continue
      expect(String(found)).toMatch(new RegExp(`${last} .*is damaged at byte \\d+: `))
      refused++
    }
    expect(refused).toBeGreaterThan(20)
  })

  it('is refused when a frame was taken out', async () => {
    const { files, work } = left.killed
    const name = lastFile(files)
    const bytes = files.get(name) as Buffer
    const [from, to] = framesOf(files).slice(-3) as [number, number, number]
    const shorter = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to), Buffer.alloc(to - from)])
    const found = await openLeft(new Map(files).set(name, shorter), work)
    expect(String(found)).toMatch(
      new RegExp(`${name} .*is damaged at byte ${from}: frame \\d+ is there, and \\d+ comes next`),
    )
  })

  it('is refused for a bit in any frame but the last, also when nothing says what was acknowledged', async () => {
    const { files, work } = left.killed
    const name = lastFile(files)
    const bytes = files.get(name) as Buffer
    const last = bytes.lastIndexOf('KFRM')
    // Those before are in a checkpoint.
    const first = bytes.lastIndexOf('KFRM', bytes.lastIndexOf('KFRM', last - 1) - 1)
    for (let at = first; at < last; at += 11) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] as number) ^ 4
      const changed = new Map(files).set(name, flipped)
      changed.delete('acknowledged')
      expect
        .soft(String(await openLeft(changed, work)), `byte ${at}`)
        .toMatch(new RegExp(`${name} .*is damaged at byte `))
    }
  })

  it('is as it was when the note of what was acknowledged is not as it was written: then it says nothing', async () => {
    const { files, work, contents } = left.killed
    const note = files.get('acknowledged') as Buffer
    for (let at = 0; at < note.length; at++) {
      const flipped = Buffer.from(note)
      flipped[at] = (flipped[at] as number) ^ 1
      expect(await openLeft(new Map(files).set('acknowledged', flipped), work), `byte ${at}`).toBe(contents)
    }
  })

  it('takes no frame that somebody stores for one of its own', async () => {
    const stored = await leave('killed', 200)
    const [from, to] = framesOf(stored.files).slice(-2)
    const frame = stored.files.get(lastFile(stored.files))?.subarray(from, to) as Buffer
    const folder = new SimulatedFolder(random)
    const storage = open(folder, random)
    await storage.open()
    const changes = new StorageChanges()
    changes.batches.push({ logId: 1, lastOffset: 0, bytes: frame })
    await storage.commit(changes)
    const bytes = Buffer.from(folder.contents().get('1.journal') as Buffer)
    await storage.close()
    // The write was torn in its head, and the rest of it came to the disk.
    const start = bytes.indexOf('KFRM')
    bytes.fill(0, start, start + 40)
    expect(bytes.indexOf(frame)).toBeGreaterThan(start)
    const torn = new SimulatedFolder(random, {}, new Map([['1.journal', bytes]]))
    const again = open(torn, random)
    await again.open()
    expect([again.lastOffset(1), torn.contents().get('1.journal')?.length]).toEqual([-1, start])
    await again.close()
  })

  it('has nothing behind its frames once it was opened, when the last write was torn', async () => {
    const { files } = left.killed
    const name = lastFile(files)
    const bytes = Buffer.from(files.get(name) as Buffer)
    const last = bytes.lastIndexOf('KFRM')
    bytes.fill(0, last + 40, last + 60)
    const torn = new Map(files).set(name, bytes)
    torn.delete('acknowledged')
    const folder = new SimulatedFolder(random, {}, torn)
    const storage = open(folder, random)
    await storage.open()
    expect(folder.disk.afterPowerCut(random).get(name)?.length).toBe(last)
    await storage.close()
  })

  /** What not-supported.md says cannot be told: nobody knows any more what was acknowledged. */
  it('is taken for one whose last write was torn when nothing says what was acknowledged', async () => {
    const { files, work, contents } = left.killed
    const last = lastFile(files)
    const bytes = files.get(last) as Buffer
    const end = bytes.findLastIndex((byte) => byte !== 0)
    const changed = new Map(files).set(last, bytes.subarray(0, end - 5))
    changed.delete('acknowledged')
    const found = await openLeft(changed, work)
    expect(typeof found).toBe('string')
    expect(found).not.toBe(contents)
  })
})
