import { MemoryStorage, StorageChanges } from '@kafkado/broker/storage'
import { copyBytes } from '@kafkado/core/internal'

/**
 * Reads its units as late as it may, and spoils their memory as early as it may. So code that changes the memory of a
 * unit before it is durable, or holds it for longer, gets wrong bytes.
 */
export class PoisoningStorage extends MemoryStorage {
  readonly releasesBytes = true
  spoiledBytes = 0

  override async commit(changes: StorageChanges): Promise<void> {
    await Promise.resolve()
    await super.commit(ownCopy(changes))
    this.spoiledBytes += spoil(changes)
  }
}

/** The same unit with bytes of its own. */
export function ownCopy(changes: StorageChanges): StorageChanges {
  const copy = new StorageChanges()
  copy.batches.push(...changes.batches.map((batch) => ({ ...batch, bytes: copyBytes(batch.bytes) })))
  copy.replacedBatches.push(
    ...changes.replacedBatches.map((batch) => ({ ...batch, bytes: batch.bytes && copyBytes(batch.bytes) })),
  )
  copy.indexEntries.push(...changes.indexEntries)
  copy.records.push(...changes.records)
  return copy
}

/** @returns how many bytes the unit had */
export function spoil({ batches, replacedBatches }: StorageChanges): number {
  let spoiled = 0
  for (const { bytes } of [...batches, ...replacedBatches]) {
    bytes?.fill(0xa5)
    spoiled += bytes?.length ?? 0
  }
  return spoiled
}
