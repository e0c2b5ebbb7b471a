import type { Storage } from '@kafkado/broker/storage'
import { expect, it } from 'vitest'
import { type MakeStorage, onStorage, oneBatch, unit } from './storage-harness.ts'

const withIndex = (makeStorage: MakeStorage, run: Parameters<typeof onStorage>[1]) =>
  onStorage(makeStorage, async (storage, reopen) => {
    await add(storage, 1, [10, 1000, 100], [20, 1000, 200], [30, 5000, 300], [40, 9000, 400])
    await add(storage, 2, [5, 77, 50])
    await run(storage, reopen)
  })

const add = async (
  storage: Storage,
  logId: number,
  ...entries: [baseOffset: number, maxTimestamp: number, position: number][]
): Promise<void> => {
  for (const [baseOffset, maxTimestamp, position] of entries) {
    const changes = oneBatch(logId, baseOffset)
    changes.indexEntries.push({ logId, baseOffset, maxTimestamp, position })
    await storage.commit(changes)
  }
}

/** The index of a log: by time, by offset and by position. */
export function indexCases(makeStorage: MakeStorage): void {
  indexLookUps(makeStorage)
  indexRemovals(makeStorage)
}

/** Look-ups in the index. */
function indexLookUps(makeStorage: MakeStorage): void {
  it.each([
    [1000, undefined],
    [1001, 20],
    [5000, 20],
    [5001, 30],
    [Number.MAX_SAFE_INTEGER, 40],
  ])('finds the last entry before time %d', (timestamp, baseOffset) =>
    withIndex(makeStorage, async (storage) =>
      expect(storage.indexEntryBeforeTimestamp(1, timestamp)?.baseOffset).toBe(baseOffset),
    )(),
  )

  it.each([
    [9, undefined],
    [10, 100],
    [19, 100],
    [20, 200],
    [99, 400],
  ])('finds the last entry at or before offset %d', (offset, position) =>
    withIndex(makeStorage, async (storage) =>
      expect(storage.indexEntryAtOrBefore(1, offset)?.position).toBe(position),
    )(),
  )

  it.each([
    [0, 99, undefined],
    [0, 100, 10],
    [0, 399, 30],
    [0, 1000, 40],
    [25, 250, undefined],
    [25, 350, 30],
  ])('finds, from offset %d on, the last entry whose position is at most %d', (from, position, baseOffset) =>
    withIndex(makeStorage, async (storage) =>
      expect(storage.indexEntryAtOrBeforePosition(1, from, position)?.baseOffset).toBe(baseOffset),
    )(),
  )
}

/** Keeping and removing entries. */
function indexRemovals(makeStorage: MakeStorage): void {
  it(
    'keeps logs apart and is there after a restart',
    withIndex(makeStorage, async (storage, reopen) => {
      expect(storage.indexEntryBeforeTimestamp(2, 10_000)).toMatchObject({
        baseOffset: 5,
        maxTimestamp: 77,
        position: 50,
      })
      const again = await reopen()
      expect(again.indexEntryBeforeTimestamp(2, 10_000)).toMatchObject({
        baseOffset: 5,
        maxTimestamp: 77,
        position: 50,
      })
      expect(again.indexEntryAtOrBefore(3, 10_000)).toBeUndefined()
    }),
  )

  it(
    'loses the entries of batches that are removed',
    withIndex(makeStorage, async (storage) => {
      while (!(await storage.removeBatches(1, 30)));
      expect(storage.indexEntryAtOrBefore(1, 29)).toBeUndefined()
      expect(storage.indexEntryBeforeTimestamp(1, 5001)?.baseOffset).toBe(30)
      expect(storage.indexEntryAtOrBefore(2, 99)?.position).toBe(50)
    }),
  )

  it(
    'loses all of a log that is removed',
    withIndex(makeStorage, async (storage) => {
      while (!(await storage.removeBatches(1, null)));
      expect(storage.indexEntryBeforeTimestamp(1, Number.MAX_SAFE_INTEGER)).toBeUndefined()
      await storage.commit(unit((changes) => changes.put('log', [1], null)))
    }),
  )
}
