import { JournalStorage } from '@kafkado/broker/disk'
import { StorageChanges } from '@kafkado/broker/storage'
import { seededRandom, systemClock } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { open, smallLimits } from './journal-cuts.ts'
import { SimulatedFolder } from './simulated-folder.ts'

const fileBytes = smallLimits.fileBytes?.(0) as number

describe('the room that a journal takes', () => {
  it.each([
    ['retention', 0, 100],
    ['compaction', 0.9, 5000],
    ['both', 0.5, 300],
  ])('is at most 2.2 times what counts and a few files, whatever was removed by %s', async (_by, replaced, kept) => {
    const random = seededRandom(3)
    const folder = new SimulatedFolder(random)
    const storage = open(folder, random)
    await storage.open()
    /** The lengths of the batches that count, by their offset. */
    const counting = new Map<number, number>()
    const below = (end: number): number => Math.floor(random.next() * end)
    for (let offset = 0; offset < 1500;) {
      const changes = new StorageChanges()
      for (let batch = 0; batch < 10; batch++, offset++) {
        counting.set(offset, 200 + below(1000))
        changes.batches.push({ logId: 1, lastOffset: offset, bytes: new Uint8Array(counting.get(offset) as number) })
        const old = below(offset)
        if (!counting.has(old) || random.next() > replaced || old > offset - 20) continue
        const size = below(3) * 100
        if (changes.replacedBatches.some(({ lastOffset }) => lastOffset === old)) continue
        changes.replacedBatches.push({ logId: 1, lastOffset: old, bytes: size === 0 ? null : new Uint8Array(size) })
        if (size === 0) counting.delete(old)
        else counting.set(old, size)
      }
      await storage.commit(changes)
      if (offset % 300 !== 0) continue
      while (!(await storage.removeBatches(1, offset - kept)));
      for (const old of counting.keys()) if (old < offset - kept) counting.delete(old)
      await storage.reclaim()
      const live = [...counting.values()].reduce((sum, length) => sum + length, 0)
      expect(folder.sizeInBytes).toBeLessThan(2.2 * live + 3 * fileBytes)
      expect(storage.readBatches(1, 0, offset, Number.MAX_SAFE_INTEGER, true).length).toBe(live)
    }
    await storage.close()
    const files = [...folder.contents().keys()].filter((name) => name.endsWith('.checkpoint'))
    expect(files.length).toBeLessThanOrEqual(36)
  })

  it.each([1, 2, 3, 4])(
    'is tidied up for what a compaction has not seen, written in its checkpoint %i',
    async (chosen) => {
      const random = seededRandom(6)
      let [checkpoints, offset, isCompacting] = [0, 0, false]
      class WatchedFolder extends SimulatedFolder {
        override async rename(from: string, to: string): Promise<void> {
          // What is in a checkpoint is settled when it gets its name.
          if (isCompacting && to.endsWith('.checkpoint') && ++checkpoints === chosen) await write(30)
          return super.rename(from, to)
        }
      }
      const storage = new JournalStorage('simulated', {
        disk: new WatchedFolder(random),
        limits: { ...smallLimits, newRows: 20 },
        runtime: { clock: systemClock, random },
      })
      const write = async (count: number): Promise<void> => {
        for (const end = offset + count; offset < end;) {
          const changes = new StorageChanges()
          changes.batches.push({ logId: 1, lastOffset: offset++, bytes: new Uint8Array(10) })
          await storage.commit(changes)
        }
      }
      await storage.open()
      await write(10)
      isCompacting = true
      await storage.compact()
      for (let turn = 0; checkpoints <= chosen && turn < 500; turn++) await new Promise((next) => setImmediate(next))
      // Less than that were made: then nothing was written.
      if (offset > 10) expect(checkpoints).toBeGreaterThan(chosen)
      await storage.close()
    },
  )

  it('is given back while more and more is written: nobody waits for that to end', async () => {
    const random = seededRandom(5)
    let [isGivenBack, isWriting, offset] = [false, false, 0]
    /** Slow, so that something is written during each checkpoint. */
    class SlowFolder extends SimulatedFolder {
      override async rename(from: string, to: string): Promise<void> {
        const until = to.endsWith('.checkpoint') ? offset + 3 : 0
        while (isWriting && offset < until) await new Promise((next) => setImmediate(next))
        return super.rename(from, to)
      }
    }
    const storage = new JournalStorage('simulated', {
      disk: new SlowFolder(random),
      // So that each unit asks for a checkpoint.
      limits: { ...smallLimits, fileBytes: () => 60_000, newRows: 0 },
      runtime: { clock: systemClock, random },
    })
    await storage.open()
    const write = async (): Promise<void> => {
      const changes = new StorageChanges()
      changes.batches.push({ logId: 1, lastOffset: offset++, bytes: new Uint8Array(3000) })
      await storage.commit(changes)
    }
    while (offset < 45) await write()
    while (!(await storage.removeBatches(1, 43)));
    isWriting = true
    const reclaiming = storage.reclaim().then(() => (isGivenBack = true))
    while (!isGivenBack) await write()
    await reclaiming
    isWriting = false
    await storage.close()
  })

  it('is hardly more than what was written for a small folder that was closed', async () => {
    const random = seededRandom(4)
    const folder = new SimulatedFolder(random)
    const storage = open(folder, random)
    await storage.open()
    const changes = new StorageChanges()
    changes.batches.push({ logId: 1, lastOffset: 0, bytes: new Uint8Array(1000) })
    await storage.commit(changes)
    await storage.close()
    expect(folder.sizeInBytes).toBeLessThan(1600)
  })
})
