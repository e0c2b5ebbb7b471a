import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom, StorageError } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { StorageChanges } from '../storage.ts'
import { JournalStorage } from './journal-storage.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-watch-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function batch(lastOffset: number): StorageChanges {
  const changes = new StorageChanges()
  changes.batches.push({ logId: 1, lastOffset, bytes: new Uint8Array(10).fill(lastOffset) })
  return changes
}

const removals: readonly (readonly [string, (data: string) => Promise<unknown>])[] = [
  ['the folder was removed', (data) => rm(data, { recursive: true })],
  ['the folder got another name', (data) => rename(data, `${data}-away`)],
  ['the file that is written to was removed', (data) => rm(join(data, 'journal', '1.journal'))],
  [
    'the folder was replaced by a copy of itself',
    async (data) => {
      await cp(data, `${data}-copy`, { recursive: true })
      await rename(data, `${data}-away`)
      await rename(`${data}-copy`, data)
    },
  ],
]

it.each(removals)('takes nothing more within a second, and reads what was kept, when %s', async (_what, remove) => {
  const clock = new ManualClock()
  const data = join(folder, 'data')
  const storage = new JournalStorage(data, { runtime: { clock, random: seededRandom(1) } })
  await storage.open()
  await storage.commit(batch(0))
  await remove(data)
  let [offset, failure] = [1, undefined as unknown]
  clock.advance('1s')
  // The check of the folder takes its turns of the event loop, and so does each of these commits; far fewer are enough.
  while (!failure && offset < 2000) await storage.commit(batch(offset++)).catch((error: unknown) => (failure = error))
  expect(StorageError.is(failure)).toBe(true)
  expect((failure as Error).message).toMatch(
    /the file 1\.journal is no longer in .*journal: somebody has removed or replaced it/,
  )
  expect(storage.readBatches(1, 0, 1, 100, true)).toEqual(Buffer.alloc(10))
  await expect(storage.commit(batch(offset))).rejects.toMatchObject({ code: 'STORAGE', outcome: 'failed' })
  await storage.close()
})

it('does not take a file for gone while the next one is begun', async () => {
  const clock = new ManualClock()
  const limits = { fileBytes: () => 1000, zerosAheadBytes: 0 }
  const storage = new JournalStorage(join(folder, 'data'), { limits, runtime: { clock, random: seededRandom(1) } })
  await storage.open()
  for (let offset = 0; offset < 100; offset++) {
    clock.advance('400ms')
    await storage.commit(batch(offset))
  }
  expect((await readdir(join(folder, 'data', 'journal'))).length).toBeGreaterThan(3)
  await storage.close()
})
