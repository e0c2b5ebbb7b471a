import { type Storage, StorageChanges } from '@kafkado/broker/storage'

/** The place of a storage, such as a folder. */
export interface StorageUnderTest {
  /** Makes a storage over the place, not open yet; the previous one is closed. */
  make(): Storage
  /** Removes the place. */
  remove(): Promise<void>
}

export type MakeStorage = () => Promise<StorageUnderTest>

/** Runs a case on an open storage; `reopen` restarts it. */
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

/** A unit of changes, filled by the function. */
export function unit(fill: (changes: StorageChanges) => void): StorageChanges {
  const changes = new StorageChanges()
  fill(changes)
  return changes
}

/** A unit with one batch of this size, where each byte is the number `fill`. */
export function oneBatch(logId: number, lastOffset: number, size = 10, fill = lastOffset % 256): StorageChanges {
  return unit(({ batches }) => void batches.push({ logId, lastOffset, bytes: new Uint8Array(size).fill(fill) }))
}
