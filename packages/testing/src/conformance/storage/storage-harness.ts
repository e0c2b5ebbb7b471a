import { type Storage, StorageChanges } from '@kafkado/broker/storage'

/** A place where a storage keeps things. */
export interface StorageUnderTest {
  /** A storage over the place, not yet open; the one before was closed. */
  make(): Storage
  /** Removes the place. */
  remove(): Promise<void>
}

export type MakeStorage = () => Promise<StorageUnderTest>

/** Runs a case on a storage that is open; `reopen` gives the one after a restart. */
export function onStorage(
  makeStorage: MakeStorage,
  run: (storage: Storage, reopen: () => Promise<Storage>) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const place = await makeStorage()
    let storage = place.make()
    await storage.open()
    const reopen = async (): Promise<Storage> => {
      await storage.close()
      storage = place.make()
      await storage.open()
      return storage
    }
    try {
      await run(storage, reopen)
    } finally {
      await storage.close()
      await place.remove()
    }
  }
}

/** A unit, as somebody fills it. */
export function unit(fill: (changes: StorageChanges) => void): StorageChanges {
  const changes = new StorageChanges()
  fill(changes)
  return changes
}

/** A unit with one batch: so many bytes, each the number given. */
export function oneBatch(logId: number, lastOffset: number, size = 10, fill = lastOffset % 256): StorageChanges {
  return unit(({ batches }) => void batches.push({ logId, lastOffset, bytes: new Uint8Array(size).fill(fill) }))
}
