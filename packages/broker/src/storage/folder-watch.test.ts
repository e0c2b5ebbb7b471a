import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Runtime, seededRandom, StorageError } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JournalStorage } from './journal/journal-storage.ts'
import { LmdbStorage } from './lmdb/lmdb-storage.ts'
import { SqliteStorage } from './sqlite-storage.ts'
import { type Storage, StorageChanges } from './storage.ts'

let folder = ''
let data = ''
let clock = new ManualClock()
let runtime: Runtime
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-watch-'))
  data = join(folder, 'data')
  clock = new ManualClock()
  runtime = { clock, random: seededRandom(1) }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function batch(lastOffset: number, length = 10): StorageChanges {
  const changes = new StorageChanges()
  changes.batches.push({ logId: 1, lastOffset, bytes: new Uint8Array(length).fill(lastOffset) })
  return changes
}

/** An open storage with the batch 0. */
async function withOneBatch(make: () => Storage): Promise<Storage> {
  const storage = make()
  await storage.open()
  await storage.commit(batch(0))
  return storage
}

const minReclaimedBytes = 64 * 1024
const storages: readonly (readonly [name: string, file: string, make: () => Storage])[] = [
  ['the journal', 'journal/1.journal', () => new JournalStorage(data, { runtime })],
  ['SQLite', 'data.sqlite', () => new SqliteStorage(data, { runtime })],
  ['LMDB', 'data.mdb', () => new LmdbStorage(data, { runtime, minReclaimedBytes })],
]

interface Removal {
  readonly what: string
  readonly remove: (file: string) => Promise<unknown>
  /** The file that is found missing; by default the one that is written to. */
  readonly missing?: string
}

const removals: readonly Removal[] = [
  { what: 'the folder was removed', remove: () => rm(data, { recursive: true }) },
  { what: 'the folder got another name', remove: () => rename(data, `${data}-away`) },
  { what: 'the file that is written to was removed', remove: (file) => rm(join(data, file)) },
  {
    what: 'the folder was replaced by a copy of itself',
    remove: async () => {
      await cp(data, `${data}-copy`, { recursive: true })
      await rename(data, `${data}-away`)
      await rename(`${data}-copy`, data)
    },
  },
  { what: 'the lock was removed', remove: () => rm(join(data, 'lock')), missing: 'lock' },
  {
    what: 'the lock was replaced',
    remove: async () => {
      await writeFile(join(folder, 'another'), '')
      await rename(join(folder, 'another'), join(data, 'lock'))
    },
    missing: 'lock',
  },
]

describe.each(storages)('the folder of %s', (_name, file, make) => {
  it.each(removals)(
    'takes nothing more within a second, and gives what was kept, when $what',
    async ({ remove, missing = file }) => {
      const storage = await withOneBatch(make)
      expect(storage.failure).toBeUndefined()
      await remove(file)
      clock.advance('1s')
      let [offset, failure] = [1, undefined as unknown]
      // The check takes its turns of the event loop, and so does each of these commits; far fewer are enough.
      while (!failure && offset < 2000)
        await storage.commit(batch(offset++)).catch((error: unknown) => (failure = error))
      expect(StorageError.is(failure)).toBe(true)
      const name = missing.split('/').at(-1) as string
      expect((failure as Error).message).toMatch(
        new RegExp(`the file ${name} is no longer in .*: somebody has removed`),
      )
      expect(storage.failure).toMatchObject({ code: 'STORAGE', retriable: false })
      expect([...storage.readBatches(1, 0, 1, 100, true)]).toEqual(Array.from({ length: 10 }, () => 0))
      await expect(storage.commit(batch(offset))).rejects.toMatchObject({ code: 'STORAGE' })
      await storage.close()
    },
  )

  it('is not removed from when somebody else may have it', async () => {
    const storage = await withOneBatch(make)
    await rm(join(data, 'lock'))
    for (clock.advance('1s'); !storage.failure;) await new Promise((next) => setImmediate(next))
    await expect(storage.removeBatches(1, null)).rejects.toMatchObject({ code: 'STORAGE' })
    expect(storage.lastOffset(1)).toBe(0)
    await storage.close()
  })
})

describe.each(storages.filter(([name]) => name !== 'LMDB'))(
  'a folder of %s whose lock was removed',
  (_name, _file, make) => {
    it('belongs to the next engine alone, which finds all that was acknowledged', async () => {
      const first = await withOneBatch(make)
      await rm(join(data, 'lock'))
      const second = make()
      await second.open()
      clock.advance('1s')
      while (!first.failure) await new Promise((next) => setImmediate(next))
      await expect(first.commit(batch(1))).rejects.toMatchObject({ code: 'STORAGE', retriable: false })
      await second.commit(batch(2))
      await first.close()
      // The note names the process that has the folder, for those whom it turns away.
      expect(existsSync(join(data, 'process-id'))).toBe(true)
      await expect(make().open()).rejects.toThrow(`is in use by process ${process.pid}`)
      await second.commit(batch(3))
      await second.close()
      const third = make()
      await third.open()
      expect([0, 1, 2, 3].filter((offset) => third.lastOffsetOfBatch(1, offset) === offset)).toEqual([0, 2, 3])
      await third.close()
    })

    it('is left alone by a close that comes before the next check', async () => {
      const first = await withOneBatch(make)
      await rm(join(data, 'lock'))
      const second = make()
      await second.open()
      await second.commit(batch(1))
      const before = await contents()
      await first.close()
      expect(await contents()).toEqual(before)
      await second.close()
    })
  },
)

/** All files of the folder that hold what is stored, with their bytes. */
async function contents(): Promise<Record<string, string>> {
  const found = await readdir(data, { recursive: true, withFileTypes: true })
  const paths = found.filter((entry) => entry.isFile() && !/^lock|-shm$/.test(entry.name))
  const read = paths.map(async ({ parentPath, name }) => {
    const bytes = await readFile(join(parentPath, name))
    return [name, bytes.toString('base64')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

it('does not take a file for gone while the next one is begun', async () => {
  const limits = { fileBytes: () => 1000, zerosAheadBytes: 0 }
  const storage = new JournalStorage(data, { limits, runtime })
  await storage.open()
  for (let offset = 0; offset < 100; offset++) {
    clock.advance('400ms')
    await storage.commit(batch(offset))
  }
  expect((await readdir(join(data, 'journal'))).length).toBeGreaterThan(3)
  await storage.close()
})

it('does not take the file of LMDB for gone when a smaller one takes its place', async () => {
  const storage = new LmdbStorage(data, { runtime, minReclaimedBytes })
  await storage.open()
  const path = join(data, 'data.mdb')
  for (let offset = 0; offset < 50; offset++) await storage.commit(batch(offset, 20_000))
  while (!(await storage.removeBatches(1, 49)));
  const before = (await readFile(path)).length
  let isOver = false
  const reclaiming = storage.reclaim().then(() => (isOver = true))
  for (let offset = 50; !isOver || offset < 60; offset++) {
    clock.advance('400ms')
    await storage.commit(batch(offset))
  }
  await reclaiming
  expect((await readFile(path)).length).toBeLessThan(before / 2)
  expect(storage.failure).toBeUndefined()
  await rm(path)
  for (clock.advance('1s'); !storage.failure;) await new Promise((next) => setImmediate(next))
  await storage.close()
})
