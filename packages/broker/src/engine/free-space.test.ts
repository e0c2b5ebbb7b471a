import { expect, it } from 'vitest'
import { FreeSpace } from './free-space.ts'
import { MemoryStorage } from '../storage/memory-storage.ts'
import { StorageChanges } from '../storage/storage.ts'

const mebibyte = 1024 * 1024

/** A place whose fill level the test sets. */
class SmallPlace extends MemoryStorage {
  free = 100 * mebibyte
  writtenBytes = 0
  override freeBytes(): Promise<number> {
    return Promise.resolve(this.free)
  }
}

const unit = (fill: (changes: StorageChanges) => void): StorageChanges => {
  const changes = new StorageChanges()
  fill(changes)
  return changes
}
const mebibyteOfBytes = new Uint8Array(mebibyte)

it.each<[string, StorageChanges]>([
  ['batches', unit(({ batches }) => void batches.push({ logId: 1, lastOffset: 0, bytes: mebibyteOfBytes }))],
  [
    'what cleaning leaves of batches',
    unit(({ replacedBatches }) => void replacedBatches.push({ logId: 1, lastOffset: 0, bytes: mebibyteOfBytes })),
  ],
  [
    'metadata',
    unit((changes) => {
      for (let id = 0; id < 5000; id++) changes.put('log', [id], { logStartOffset: 0, startPosition: 0 })
    }),
  ],
  [
    'the texts of commits',
    unit((changes) => {
      const offset = { committedOffset: 1, committedLeaderEpoch: -1, commitTimestampMs: 0, order: 1 }
      for (let partition = 0; partition < 300; partition++)
        changes.put('offset', ['g', 't', partition], { ...offset, metadata: 'x'.repeat(4096) })
    }),
  ],
  [
    'the partitions of a member',
    unit((changes) => {
      const partitions = Array.from({ length: 100_000 }, (_, logId) => logId)
      changes.put('target', ['g', 'm'], { partitions })
    }),
  ],
  [
    'entries of an index',
    unit(({ indexEntries }) => {
      for (let baseOffset = 0; baseOffset < 5000; baseOffset++)
        indexEntries.push({ logId: 1, baseOffset, maxTimestamp: 0, position: 0 })
    }),
  ],
])('%s count against the reserve before they are written', async (_what, changes) => {
  const place = new SmallPlace()
  const space = new FreeSpace(place, 99 * mebibyte)
  await space.measure()
  space.check()
  space.use(changes)
  expect(() => space.check()).toThrow('the disk is nearly full')
})

it('counts what a storage writes by itself', async () => {
  const place = new SmallPlace()
  place.writtenBytes = 500 * mebibyte
  const space = new FreeSpace(place, 99 * mebibyte)
  await space.measure()
  space.check()
  place.writtenBytes += 2 * mebibyte
  expect(() => space.check()).toThrow('the disk is nearly full')
  // Most of it was freed meanwhile.
  await space.measure()
  space.check()
})

it('counts what comes while it is measured', async () => {
  const place = new SmallPlace()
  const space = new FreeSpace(place, 99 * mebibyte)
  const measuring = space.measure()
  space.use(unit(({ batches }) => void batches.push({ logId: 1, lastOffset: 0, bytes: mebibyteOfBytes })))
  await measuring
  expect(() => space.check()).toThrow('the disk is nearly full')
})
