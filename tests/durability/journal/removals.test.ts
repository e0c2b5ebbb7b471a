import { StorageChanges } from '@kafkado/broker/storage'
import { seededRandom } from '@kafkado/core'
import { expect, it } from 'vitest'
import { open } from './journal-cuts.ts'
import { SimulatedFolder } from './simulated-folder.ts'

const logs = Array.from({ length: 50 }, (_, index) => index + 1)

async function filled() {
  const random = seededRandom(8)
  const counts = { appends: 0 }
  const fault = (call: string): undefined => void (call === 'append' && counts.appends++)
  const folder = new SimulatedFolder(random, { fault })
  const storage = open(folder, random)
  await storage.open()
  const changes = new StorageChanges()
  for (const logId of logs) changes.batches.push({ logId, lastOffset: 0, bytes: new Uint8Array(10).fill(logId) })
  await storage.commit(changes)
  return { counts, folder, random, storage }
}

it('removals that come together share a write', async () => {
  const { counts, storage } = await filled()
  const { appends } = counts
  await Promise.all(logs.map((logId) => storage.removeBatches(logId, logId % 2 === 0 ? null : 1)))
  expect(counts.appends - appends).toBe(1)
  expect(logs.filter((logId) => storage.lastOffset(logId) >= 0)).toEqual([])
  await storage.close()
})

it('what follows a removal is not removed, also after a restart', async () => {
  const { folder, random, storage } = await filled()
  const changes = new StorageChanges()
  changes.batches.push({ logId: 1, lastOffset: 7, bytes: new Uint8Array(10).fill(70) })
  // With these, a group that takes only half of the units takes the removals and what follows.
  const others = logs.slice(10, 20).map((logId) => {
    const other = new StorageChanges()
    other.batches.push({ logId, lastOffset: 1, bytes: new Uint8Array(10) })
    return other
  })
  await Promise.all([
    storage.removeBatches(1, null),
    storage.removeBatches(2, null),
    storage.commit(changes),
    ...others.map((other) => storage.commit(other)),
  ])
  const again = open(new SimulatedFolder(random, {}, folder.contents()), random)
  await again.open()
  for (const one of [storage, again]) {
    expect([one.lastOffset(1), one.lastOffset(2), one.lastOffset(3)]).toEqual([7, -1, 0])
    expect(one.readBatches(1, 0, 10, 100, true)).toEqual(Buffer.alloc(10, 70))
    await one.close()
  }
})
