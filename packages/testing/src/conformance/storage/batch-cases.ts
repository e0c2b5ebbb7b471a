import type { Storage } from '@kafkado/broker/storage'
import { expect, it } from 'vitest'
import { type MakeStorage, onStorage, oneBatch, unit } from './storage-harness.ts'

const all = Number.MAX_SAFE_INTEGER

/** The batches that were read, by the number that fills each. Batches in the cases have ten bytes. */
const read = (storage: Storage, from = 0, until = all, maxBytes = all, atLeastOne = false, logId = 1): number[] => {
  const bytes = storage.readBatches(logId, from, until, maxBytes, atLeastOne)
  return Array.from({ length: bytes.length / 10 }, (_, index) => bytes[index * 10] as number)
}

const on = (makeStorage: MakeStorage, run: Parameters<typeof onStorage>[1]) => onStorage(makeStorage, run)

const withBatches = (makeStorage: MakeStorage, run: Parameters<typeof onStorage>[1]) =>
  on(makeStorage, async (storage, reopen) => {
    for (const lastOffset of [4, 9, 14, 19]) await storage.commit(oneBatch(1, lastOffset))
    await run(storage, reopen)
  })

/** Batches of a log: keeping, reading, replacing, removing. */
export function batchCases(makeStorage: MakeStorage): void {
  readingBatches(makeStorage)
  keepingBatches(makeStorage)
  replacingBatches(makeStorage)
  roomOfBatches(makeStorage)
}

/** What a read returns, and how much. */
function readingBatches(makeStorage: MakeStorage): void {
  it(
    'has nothing at first',
    on(makeStorage, async (storage) => {
      expect(read(storage)).toEqual([])
      expect(storage.lastOffset(1)).toBe(-1)
    }),
  )

  it(
    'reads batches back to back in the order of their offsets',
    withBatches(makeStorage, async (storage) => expect(read(storage)).toEqual([4, 9, 14, 19])),
  )

  it.each([
    [0, [4, 9, 14, 19]],
    [4, [4, 9, 14, 19]],
    [5, [9, 14, 19]],
    [12, [14, 19]],
    [19, [19]],
    [20, []],
  ])('begins at %d with the batch that holds it or else the next', (from, expected) =>
    withBatches(makeStorage, async (storage) => expect(read(storage, from)).toEqual(expected))(),
  )

  it.each([
    [20, [4, 9, 14, 19]],
    [19, [4, 9, 14]],
    [10, [4, 9]],
    [9, [4]],
    [4, []],
  ])('ends with the last batch that ends before %d', (until, expected) =>
    withBatches(makeStorage, async (storage) => expect(read(storage, 0, until)).toEqual(expected))(),
  )

  it.each([
    [100, false, [4, 9, 14, 19]],
    [25, false, [4, 9]],
    [20, false, [4, 9]],
    [9, false, []],
    [9, true, [4]],
    [0, true, [4]],
  ])('keeps to %d bytes (at least one: %s)', (maxBytes, atLeastOne, expected) =>
    withBatches(makeStorage, async (storage) =>
      expect(read(storage, 0, all, maxBytes, atLeastOne)).toEqual(expected),
    )(),
  )

  it(
    'says where the batch ends that holds an offset, or else the next one',
    withBatches(makeStorage, async (storage, reopen) => {
      await storage.commit(oneBatch(2, 3))
      const check = (opened: Storage): void => {
        const ends = [0, 4, 5, 12, 19, 20].map((offset) => opened.lastOffsetOfBatch(1, offset))
        expect(ends).toEqual([4, 4, 9, 14, 19, undefined])
        expect([0, 2, 3].map((logId) => opened.lastOffsetOfBatch(logId, 0))).toEqual([undefined, 3, undefined])
      }
      check(storage)
      check(await reopen())
    }),
  )

  it(
    'does not give even one batch beyond the end',
    withBatches(makeStorage, async (storage) => expect(read(storage, 0, 3, 0, true)).toEqual([])),
  )
}

/** What a storage keeps, and in which form it returns it. */
function keepingBatches(makeStorage: MakeStorage): void {
  it(
    'keeps logs apart',
    withBatches(makeStorage, async (storage) => {
      await storage.commit(oneBatch(2, 3))
      expect(read(storage)).toEqual([4, 9, 14, 19])
      expect(read(storage, 0, all, all, false, 2)).toEqual([3])
      expect([storage.lastOffset(1), storage.lastOffset(2), storage.lastOffset(3)]).toEqual([19, 3, -1])
    }),
  )

  it(
    'takes offsets beyond 32 bits, in their order',
    on(makeStorage, async (storage) => {
      for (const lastOffset of [2 ** 31, 2 ** 32 + 7, 2 ** 53 - 2])
        await storage.commit(oneBatch(1, lastOffset, 10, lastOffset % 251))
      expect(read(storage, 2 ** 32)).toEqual([(2 ** 32 + 7) % 251, (2 ** 53 - 2) % 251])
      expect(storage.lastOffset(1)).toBe(2 ** 53 - 2)
    }),
  )

  it(
    'hands out copies',
    withBatches(makeStorage, async (storage) => {
      storage.readBatches(1, 0, all, all, true).fill(77)
      expect(read(storage)).toEqual([4, 9, 14, 19])
    }),
  )

  it(
    'has batches of many sizes after a restart, byte by byte',
    on(makeStorage, async (storage, reopen) => {
      const sizes = [1, 61, 4095, 4096, 4097, 70_000, 1_048_588]
      for (const [offset, size] of sizes.entries()) await storage.commit(oneBatch(1, offset, size, offset + 1))
      const again = await reopen()
      for (const [offset, size] of sizes.entries()) {
        const bytes = again.readBatches(1, offset, offset + 1, all, true)
        expect(bytes.length).toBe(size)
        expect(bytes.every((byte) => byte === offset + 1)).toBe(true)
      }
      expect(again.lastOffset(1)).toBe(sizes.length - 1)
    }),
  )

  it(
    'resolves units in the order in which they came, when many come at once',
    on(makeStorage, async (storage) => {
      const order: number[] = []
      const commits = Array.from({ length: 300 }, (_, offset) =>
        storage.commit(oneBatch(1, offset)).then(() => order.push(offset)),
      )
      await Promise.all(commits)
      expect(order).toEqual(Array.from({ length: 300 }, (_, offset) => offset))
      expect(storage.lastOffset(1)).toBe(299)
    }),
  )
}

/** Replacing and removing batches. */
function replacingBatches(makeStorage: MakeStorage): void {
  it(
    'replaces a batch, and removes one, in the middle',
    withBatches(makeStorage, async (storage, reopen) => {
      const changes = unit(({ replacedBatches }) => {
        replacedBatches.push({ logId: 1, lastOffset: 9, bytes: new Uint8Array(10).fill(99) })
        replacedBatches.push({ logId: 1, lastOffset: 14, bytes: null })
      })
      await storage.commit(changes)
      expect(read(storage)).toEqual([4, 99, 19])
      expect(read(await reopen(), 10)).toEqual([19])
    }),
  )

  it(
    'removes what ends before an offset',
    withBatches(makeStorage, async (storage, reopen) => {
      while (!(await storage.removeBatches(1, 14)));
      expect(read(storage)).toEqual([14, 19])
      expect(read(await reopen())).toEqual([14, 19])
    }),
  )

  it(
    'removes a log and leaves the others',
    withBatches(makeStorage, async (storage) => {
      await storage.commit(oneBatch(2, 3))
      while (!(await storage.removeBatches(1, null)));
      expect(read(storage)).toEqual([])
      expect(storage.lastOffset(1)).toBe(-1)
      expect(storage.lastOffset(2)).toBe(3)
    }),
  )

  it(
    'removes thousands of batches slice by slice',
    on(makeStorage, async (storage) => {
      for (let round = 0; round < 5; round++) {
        const first = round * 1000
        await storage.commit(
          unit(({ batches }) => {
            for (let offset = first; offset < first + 1000; offset++)
              batches.push({ logId: 1, lastOffset: offset, bytes: new Uint8Array(10) })
          }),
        )
      }
      while (!(await storage.removeBatches(1, 4999)));
      expect(read(storage)).toHaveLength(1)
      expect(await storage.removeBatches(1, 4999)).toBe(true)
    }),
  )
}

/** Releasing room, and running out of it. */
function roomOfBatches(makeStorage: MakeStorage): void {
  it(
    'loses nothing when room is given back while much is removed and written, and when that is asked for twice at once',
    on(makeStorage, async (storage, reopen) => {
      for (let offset = 0; offset < 200; offset++) await storage.commit(oneBatch(1, offset, 20_000))
      while (!(await storage.removeBatches(1, 190)));
      const reclaiming = [storage.reclaim(), storage.reclaim()]
      const writing: Promise<void>[] = []
      for (let offset = 200; offset < 260; offset++) {
        writing.push(storage.commit(oneBatch(1, offset, 10)))
        await storage.freeBytes()
        if (offset % 20 === 0) reclaiming.push(storage.reclaim())
      }
      await Promise.all([...reclaiming, ...writing])
      const expected = Array.from({ length: 60 }, (_, index) => (200 + index) % 256)
      expect(read(storage, 200)).toEqual(expected)
      expect(read(await reopen(), 200)).toEqual(expected)
    }),
  )

  it(
    'says how much room there is',
    on(makeStorage, async (storage) => expect(await storage.freeBytes()).toBeGreaterThan(0)),
  )

  it(
    'may be closed twice',
    on(makeStorage, async (storage) => {
      await storage.close()
      await storage.close()
    }),
  )
}
