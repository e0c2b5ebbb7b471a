import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom, StorageError } from '@kafkado/core'
import { yieldToEventLoop } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import { frameHeadBytes, recordHeadBytes } from '../../src/state/journal/frame.ts'
import type { JournalFolder } from '../../src/state/journal/journal-folder.ts'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import { NodeJournalFolder } from '../../src/state/journal/node-journal-folder.node.ts'
import { change, contentOf, text } from './content.ts'
import { type Effect, MemoryDisk } from './memory-disk.ts'

let folders = 0
const open = (disk: MemoryDisk, sizes?: JournalSizes): Promise<JournalStateStorage> =>
  JournalStateStorage.open({ folder: disk.folder(`/faults-${folders++}`), random: seededRandom(1), sizes })

const full = (written: number): { error: Error; written: number } => ({
  error: Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
  written,
})

it.each([0, 1, 20, 100])(
  'reads what it has when the disk is full after %d bytes, and takes more when there is room again',
  async (written) => {
    const disk = new MemoryDisk()
    const storage = await open(disk)
    await storage.write([change('s', 'a', '1'), change('s', 'b', '2')], { s: { offset: 1, observedTime: 1 } })
    disk.onEffect = ({ kind }) => (kind === 'write' ? full(written) : undefined)
    const refused = storage.write([change('s', 'a', 'x'.repeat(200)), change('s', 'c', '3')], {
      s: { offset: 2, observedTime: 2 },
    })
    await expect(refused).rejects.toThrow(StorageError)
    await expect(refused).rejects.toThrow(/the folder \/faults-\d+ cannot be written: Error: ENOSPC/)
    await expect(storage.clear('s')).rejects.toThrow(/ENOSPC/)
    expect(contentOf(storage, ['s'])).toEqual({ s: { a: '1', b: '2' } })
    expect(storage.checkpoint).toEqual({ s: { offset: 1, observedTime: 1 } })
    disk.onEffect = () => undefined
    await storage.write([change('s', 'd', '4')], { s: { offset: 3, observedTime: 3 } })
    await storage.close()
    const again = await open(disk)
    expect(contentOf(again, ['s'])).toEqual({ s: { a: '1', b: '2', d: '4' } })
    expect(again.checkpoint).toEqual({ s: { offset: 3, observedTime: 3 } })
    await again.close()
  },
)

it('loses nothing whatever fails while it gives back room and makes snapshots', async () => {
  const random = seededRandom(4)
  const [disk, model] = [new MemoryDisk(), new Map<string, string>()]
  let failed = 0
  disk.onEffect = ({ kind }) => {
    if (random.next() > (kind === 'write' ? 0.05 : 0.2)) return undefined
    failed++
    return full(Math.floor(random.next() * 300))
  }
  const opened = async (): Promise<JournalStateStorage> => {
    for (;;) {
      try {
        return await open(disk, new JournalSizes(2048))
      } catch (error) {
        if (!StorageError.is(error)) throw error
      }
    }
  }
  let storage = await opened()
  for (let index = 0; index < 400; index++) {
    const [key, value] = [`key-${Math.floor(random.next() * 30)}`, `${index}`.repeat(Math.floor(random.next() * 60))]
    await storage.write([change('s', key, value)], {}).then(
      () => model.set(key, value),
      (error: unknown) => {
        if (!StorageError.is(error)) throw error
      },
    )
    if (index % 50 === 49) {
      await storage.close()
      storage = await opened()
    }
    expect(contentOf(storage, ['s'])).toEqual({ s: Object.fromEntries(model) })
  }
  expect(failed).toBeGreaterThan(50)
  await storage.close()
})

/** Values that are never equal, for few keys, so that files come and go all the time. */
const writtenAt = (index: number): readonly [key: string, value: string] => [
  `${index % 3}`,
  `${index}.`.padEnd(60, '-'),
]

/** Writes some units; returns the disk, and its expected content. `onOpened` is called when the folder is open. */
async function writeSome(disk: MemoryDisk, onOpened: () => void): Promise<{ refused: unknown[]; opened: boolean }> {
  const [model, refused] = [new Map<string, string>(), [] as unknown[]]
  let storage: JournalStateStorage
  try {
    storage = await open(disk, new JournalSizes(256))
  } catch (error) {
    return { refused: [error], opened: false }
  }
  onOpened()
  for (let index = 0; index < 8; index++) {
    const [key, value] = writtenAt(index)
    const offset = { s: { offset: index, observedTime: 0 } }
    await storage.write([change('s', key, value)], offset).then(
      () => model.set(key, value),
      (error: unknown) => refused.push(error),
    )
    expect(contentOf(storage, ['s'])).toEqual({ s: Object.fromEntries(model) })
    for (let turn = 0; turn < 4; turn++) await yieldToEventLoop()
  }
  await storage.close()
  expect(disk.openFiles).toBe(0)
  disk.onEffect = () => undefined
  const again = await open(disk, new JournalSizes(256))
  expect(contentOf(again, ['s'])).toEqual({ s: Object.fromEntries(model) })
  await again.close()
  return { refused, opened: true }
}

it.each(['create', 'write', 'truncate', 'sync', 'syncNames', 'rename', 'remove'] as const)(
  'goes on after any one %s that fails, and says what the disk has said',
  async (kind) => {
    const sound = new MemoryDisk()
    await writeSome(sound, () => undefined)
    const count = sound.effects.filter((effect) => effect.kind === kind).length
    for (const written of kind === 'write' ? [0, 60, Infinity] : [0]) {
      for (let failing = 0; failing < count; failing++) {
        const disk = new MemoryDisk()
        let [seen, isOpened] = [0, false]
        disk.onEffect = (effect) => (effect.kind === kind && seen++ === failing ? full(written) : undefined)
        const { refused, opened } = await writeSome(disk, () => (isOpened = true))
        expect(opened, `${kind} ${failing}`).toBe(isOpened)
        expect(refused.length, `${kind} ${failing}`).toBeLessThan(2)
        for (const error of refused) {
          expect(StorageError.is(error)).toBe(true)
          expect(String(error), `${kind} ${failing}`).toContain('ENOSPC')
        }
      }
    }
  },
)

/** A folder whose call with that number fails. */
function failingAt(folder: JournalFolder, at: number): { folder: JournalFolder; isReached: () => boolean } {
  let calls = 0
  const wrapped = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function' || name === 'close') return method
        return async (...given: unknown[]) => {
          if (calls++ === at) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
          const result: unknown = await Reflect.apply(method, target, given)
          return (name === 'open' || name === 'create') && result ? wrapped(result) : result
        }
      },
    })
  return { folder: wrapped(folder), isReached: () => calls > at }
}

it('lets go of its files when it cannot be opened, whatever it asks of the disk fails', async () => {
  const before = new MemoryDisk()
  const storage = await open(before, new JournalSizes(1024))
  for (let index = 0; index < 12; index++) await storage.write([change('s', `${index}`, 'x'.repeat(200))], {})
  await storage.close()
  let refused = 0
  for (let at = 0; ; at++) {
    const disk = before.copy()
    const { folder, isReached } = failingAt(disk.folder(`/unopened-${folders++}`), at)
    const opening = JournalStateStorage.open({ folder, random: seededRandom(1), sizes: new JournalSizes(1024) })
    const opened = await opening.catch((error: unknown) => {
      if (!StorageError.is(error)) throw error
    })
    await opened?.close()
    expect(disk.openFiles, `call ${at} fails`).toBe(0)
    if (!opened) refused++
    if (!isReached()) break
  }
  expect(refused).toBeGreaterThan(8)
})

it('takes no more than about twice the room of what counts, with writes all the time', async () => {
  const [disk, random] = [new MemoryDisk(), seededRandom(5)]
  const storage = await open(disk, new JournalSizes(4096))
  const keys = 400
  const valueOf = (index: number): string => `${index}`.padEnd(500, '.')
  const record = 22 + 'key-000'.length + 500
  const keyOf = (index: number): string => `key-${String(index).padStart(3, '0')}`
  await storage.write(
    Array.from({ length: keys }, (_, index) => change('s', keyOf(index), valueOf(index))),
    {},
  )
  let most = 0
  disk.onEffect = () => {
    most = Math.max(most, disk.usedBytes)
    return undefined
  }
  for (let index = 0; index < 400; index++) {
    // Some keys change all the time, most never do.
    const changes = Array.from({ length: 10 }, () =>
      change('s', keyOf(Math.floor(random.next() ** 4 * keys)), valueOf(index)),
    )
    await storage.write(changes, {})
  }
  await storage.close()
  // The files are small here, so moved records of files not yet given up weigh more than in large journals.
  expect(most / (keys * record)).toBeLessThan(3)
  expect(disk.usedBytes / (keys * record)).toBeLessThan(2)
})

it('syncs what is left before a file goes, also when that has failed before', async () => {
  const [disk, random] = [new MemoryDisk(), seededRandom(6)]
  let syncs = 0
  disk.onEffect = ({ kind }) => (kind === 'sync' && ++syncs % 2 === 1 ? full(0) : undefined)
  const storage = await open(disk, new JournalSizes(2048))
  for (let index = 0; index < 200; index++)
    await storage.write([change('s', `${Math.floor(random.next() * 20)}`, `${index}`.repeat(100))], {})
  await storage.close()
  const removals = disk.effects.flatMap((effect, at) =>
    effect.kind === 'rename' && effect.from.endsWith('.state') ? [at] : [],
  )
  expect(removals.length).toBeGreaterThan(3)
  for (const at of removals) {
    const before = disk.effects.slice(0, at)
    const unsynced = new Set<number>()
    for (const effect of before) {
      if (effect.kind === 'write') unsynced.add(effect.file)
      else if (effect.kind === 'sync') unsynced.delete(effect.file)
    }
    const name = (disk.effects[at] as Effect & { kind: 'rename' }).from
    const files = [...MemoryDisk.afterKill(disk.effects, at).names].filter(
      ([other]) => other.endsWith('.state') && other !== name,
    )
    expect(files.filter(([, file]) => unsynced.has(file)).map(([other]) => other)).toEqual([])
    expect(before.findLastIndex(({ kind }) => kind === 'syncNames')).toBeGreaterThan(
      before.findLastIndex(({ kind }) => kind === 'create'),
    )
  }
})

it('tells of damage when it is read, takes nothing more, and has what is before it when it is opened anew', async () => {
  const disk = new MemoryDisk()
  let storage = await open(disk, new JournalSizes(64 * 1024))
  for (let index = 0; index < 200; index++)
    await storage.write([change('s', `key-${index}`, 'value'.repeat(10))], {
      s: { offset: index + 1, observedTime: 0 },
    })
  await storage.close()
  const name = [...disk.names.keys()].find((one) => one.endsWith('.state')) as string
  const bytes = Buffer.from(disk.bytesOf(name))
  const at = bytes.indexOf('key-150value')
  bytes[at + 20] = (bytes[at + 20] as number) ^ 4
  disk.setBytes(name, bytes)

  storage = await open(disk, new JournalSizes(64 * 1024))
  const table = storage.table('s')
  expect(table.get(text('key-149'))).toEqual(text('value'.repeat(10)))
  expect(() => table.get(text('key-150'))).toThrow(
    /the file 2\.state in the folder \/faults-\d+ for state is damaged at byte \d+/,
  )
  expect(() => [...table.entries()]).toThrow(
    /the file 2\.state in the folder \/faults-\d+ for state is damaged at byte \d+/,
  )
  const refused = storage.write([change('s', 'more', '1')], {})
  await expect(refused).rejects.toMatchObject({ retriable: true, outcome: 'failed' })
  await storage.close()
  storage = await open(disk)
  expect(storage.checkpoint).toEqual({ s: { offset: 150, observedTime: 0 } })
  expect(Object.keys(contentOf(storage, ['s'])['s'] ?? {})).toHaveLength(150)
  await storage.close()
})

it('passes over a snapshot of what a power cut has taken since', async () => {
  const disk = new MemoryDisk()
  let storage = await open(disk, new JournalSizes(64 * 1024))
  for (let index = 0; index < 200; index++)
    await storage.write([change('s', `key-${index}`, 'value'.repeat(10))], {
      s: { offset: index + 1, observedTime: 0 },
    })
  await storage.close()
  expect([...disk.names.keys()].filter((one) => one.endsWith('.index'))).toHaveLength(1)
  const name = [...disk.names.keys()].find((one) => one.endsWith('.state')) as string
  const bytes = Buffer.from(disk.bytesOf(name))
  disk.setBytes(name, bytes.fill(0, bytes.indexOf('key-199value') - recordHeadBytes - frameHeadBytes))

  storage = await open(disk)
  expect(storage.checkpoint).toEqual({ s: { offset: 199, observedTime: 0 } })
  expect(Object.keys(contentOf(storage, ['s'])['s'] ?? {})).toHaveLength(199)
  await storage.close()
})

it('begins anew beside what LMDB has kept, says so, and removes that when it holds something itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-state-'))
  for (const name of ['state.mdb', 'state.mdb-lock']) await writeFile(join(folder, name), 'as LMDB left it')
  const losses: string[] = []
  const openFolder = (): Promise<JournalStateStorage> =>
    JournalStateStorage.open({
      folder: new NodeJournalFolder(folder),
      random: seededRandom(1),
      onLoss: (why) => losses.push(why),
    })
  await (await openFolder()).close()
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['state.mdb', 'state.mdb-lock']))
  const storage = await openFolder()
  expect(losses).toEqual(Array(2).fill('it was kept in LMDB by an earlier version of kafkado'))
  await storage.write([change('s', 'a', '1')], { s: { offset: 1, observedTime: 1 } })
  await storage.close()
  expect((await readdir(folder)).filter((name) => name.startsWith('state.mdb'))).toEqual([])
  await (await openFolder()).close()
  expect(losses).toHaveLength(2)
  await rm(folder, { recursive: true })
})

it('begins anew where files are of another form, and says so', async () => {
  const disk = new MemoryDisk()
  let storage = await open(disk)
  await storage.write([change('s', 'a', '1')], { s: { offset: 1, observedTime: 1 } })
  await storage.close()
  for (const name of disk.names.keys()) {
    const bytes = Buffer.from(disk.bytesOf(name))
    bytes.write('9', 7)
    disk.setBytes(name, bytes)
  }
  const losses: string[] = []
  storage = await JournalStateStorage.open({
    folder: disk.folder('/form'),
    random: seededRandom(1),
    onLoss: (why) => losses.push(why),
  })
  expect(storage.checkpoint).toEqual({})
  expect(losses).toEqual(['none of its files has a head that this version of kafkado reads'])
  await storage.write([change('s', 'b', '2')], {})
  await storage.close()
  storage = await open(disk)
  expect(contentOf(storage, ['s'])).toEqual({ s: { b: '2' } })
  await storage.close()
})

it('opens 200,000 keys by its snapshot, and reads no more of its files than a few', async () => {
  const disk = new MemoryDisk()
  let storage = await open(disk)
  for (let start = 0; start < 200_000; start += 50_000)
    await storage.write(
      Array.from({ length: 50_000 }, (_, index) => change('s', `key-${start + index}`, `${index}`)),
      {},
    )
  await storage.close()
  storage = await open(disk)
  const table = storage.table('s')
  for (let index = 0; index < 200_000; index += 997)
    expect(table.get(text(`key-${index}`))).toEqual(text(`${index % 50_000}`))
  expect(table.get(text('key-200000'))).toBeUndefined()
  await storage.close()
})

it('goes through 100,000 entries by few reads, whatever was changed before', async () => {
  const [disk, random] = [new MemoryDisk(), seededRandom(8)]
  const storage = await open(disk)
  const keys = 100_000
  await storage.write(
    Array.from({ length: keys }, (_, index) => change('s', `key-${index}`, `${index}`)),
    {},
  )
  await storage.write(
    Array.from({ length: keys / 4 }, () => change('s', `key-${Math.floor(random.next() * keys)}`, 'other')),
    {},
  )
  const { reads } = disk
  expect([...storage.table('s').entries()]).toHaveLength(keys)
  expect(disk.reads - reads).toBeLessThan(100)
  await storage.close()
})

it('takes nothing for its own that a write which failed has left behind what came later', async () => {
  // At some length, the later frame ends exactly where the last one of the former write begins.
  for (let length = 0; length < 400; length++) {
    const disk = new MemoryDisk()
    const storage = await open(disk, new JournalSizes(1024))
    let writes = 0
    disk.onEffect = (effect) => {
      if (effect.kind === 'truncate') return full(0)
      return effect.kind === 'write' && ++writes === 2 ? full(effect.bytes.length) : undefined
    }
    const refused = storage.write([change('s', 'a', 'x'.repeat(400)), change('s', 'b', 'never')], {})
    await expect(refused).rejects.toThrow(/ENOSPC/)
    disk.onEffect = () => undefined
    await storage.write([change('s', 'c', 'y'.repeat(length))], {})
    const left = MemoryDisk.afterKill(disk.effects, disk.effects.length)
    await storage.close()
    const again = await open(left)
    expect(Object.keys(contentOf(again, ['s'])['s'] ?? {})).toEqual(['c'])
    await again.close()
  }
})
