import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openFolder } from './folder-storage.ts'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { SqliteStorage } from '../storage/sqlite-storage.ts'

// Acts as if the package lmdb were not installed.
vi.mock('@kafkado/core/internal/node', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  requireOptional: (name: string) => {
    throw new Error(`Cannot find package '${name}'`)
  },
}))

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('is what is wanted for a new folder, and what a folder was made with', async () => {
  expect(await openFolder(folder, undefined)).toBeInstanceOf(JournalStorage)
  expect(await openFolder(folder, 'journal')).toBeInstanceOf(JournalStorage)
  expect(await openFolder(folder, 'sqlite')).toBeInstanceOf(SqliteStorage)
  await writeFile(join(folder, 'data.sqlite'), '')
  expect(await openFolder(folder, undefined)).toBeInstanceOf(SqliteStorage)
  await expect(openFolder(folder, 'journal')).rejects.toThrow(
    `was made with the storage 'sqlite' and cannot be opened with 'journal'; \`kafkado data convert ${folder}\``,
  )
  await mkdir(join(folder, 'journal'))
  expect(await openFolder(folder, undefined)).toBeInstanceOf(JournalStorage)
})

it('says how to go on with a folder of LMDB where that is not installed', async () => {
  await writeFile(join(folder, 'data.mdb'), '')
  // Other test files may have loaded it, and files share loaded modules.
  vi.resetModules()
  const anew = await import('./folder-storage.ts')
  const opening = anew.openFolder(folder, undefined)
  await expect(opening).rejects.toMatchObject({ code: 'STORAGE', outcome: 'failed', retriable: false })
  await expect(opening).rejects.toThrow(/npm install lmdb@3\.5\.6.*kafkado data convert/)
})
