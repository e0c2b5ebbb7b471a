import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JournalStorage, SqliteStorage } from '@kafkado/broker/disk'
import { LmdbStorage } from '@kafkado/broker/lmdb'
import { MemoryStorage, type Storage } from '@kafkado/broker/storage'
import { type MakeStorage, storageConformance } from '@kafkado/testing/conformance'
import { describe } from 'vitest'

const inMemory: MakeStorage = () => {
  const storage = new MemoryStorage()
  return Promise.resolve({ make: () => storage, remove: () => Promise.resolve() })
}

const inFolder =
  (make: (folder: string) => Storage): MakeStorage =>
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-storage-'))
    return { make: () => make(folder), remove: () => rm(folder, { recursive: true }) }
  }

describe('memory', () => storageConformance(inMemory))
describe('LMDB', () => storageConformance(inFolder((folder) => new LmdbStorage(folder, { minReclaimedBytes: 1 }))))
describe('SQLite', () => storageConformance(inFolder((folder) => new SqliteStorage(folder))))
describe('journal', () =>
  storageConformance(inFolder((folder) => new JournalStorage(folder, { limits: { minReclaimedBytes: 1 } }))))
