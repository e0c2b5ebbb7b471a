import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { JournalStorage, SqliteStorage } from '@kafkado/broker/disk'
import type { Storage } from '@kafkado/broker/storage'

/** The bytes of a disk that stands for a full one: the files of its folder take them. */
export interface SmallDisk {
  readonly storage: Storage
  capacityBytes: number
  /** What is left of them; negative once a real disk would have refused a write. */
  leftBytes(): Promise<number>
}

export const storages = { journal: JournalStorage, sqlite: SqliteStorage }

/** A storage whose disk has a capacity of its own, measured by the sizes of its files. */
export function smallDisk(folder: string, Base: typeof JournalStorage | typeof SqliteStorage): SmallDisk {
  const disk = {
    capacityBytes: Number.MAX_SAFE_INTEGER,
    leftBytes: async () => disk.capacityBytes - (await bytesIn(folder)),
    storage: new Base(folder),
  }
  disk.storage.freeBytes = () => disk.leftBytes()
  return disk
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true })
  // A file may be removed meanwhile.
  const sizes = files.map((file) =>
    stat(join(folder, file))
      .then(({ size }) => size)
      .catch(() => 0),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
