import type { MetadataKinds, Storage } from '@kafkado/broker/storage'
import { expect, it } from 'vitest'
import { type MakeStorage, onStorage, oneBatch, unit } from './storage-harness.ts'

type StoredOffset = MetadataKinds['offset']['value']

const offset = (committedOffset: number): StoredOffset => ({
  committedOffset,
  committedLeaderEpoch: -1,
  metadata: null,
  commitTimestampMs: 0,
  order: 1,
})

const on = (makeStorage: MakeStorage, run: Parameters<typeof onStorage>[1]) => onStorage(makeStorage, run)

const offsets = (storage: Storage) =>
  storage.readMetadata('offset').map(({ path, value }) => [...path, value?.committedOffset])

/** The data that the engine keeps in addition to batches. */
export function metadataCases(makeStorage: MakeStorage): void {
  metadataValues(makeStorage)
  metadataPaths(makeStorage)
}

/** The values of paths. */
function metadataValues(makeStorage: MakeStorage): void {
  it(
    'comes back by its kind, after a restart too',
    on(makeStorage, async (storage, reopen) => {
      await storage.commit(
        unit((changes) => {
          changes.put('offset', ['g', 't', 0], offset(5))
          changes.put('log', [7], { logStartOffset: 3, startPosition: 9 })
          changes.put('producerIds', [], { next: 1000 })
        }),
      )
      const check = (one: Storage): void => {
        expect(offsets(one)).toEqual([['g', 't', 0, 5]])
        expect(one.readMetadata('log')).toMatchObject([{ path: [7], value: { logStartOffset: 3, startPosition: 9 } }])
        expect(one.readMetadata('producerIds')).toMatchObject([{ path: [], value: { next: 1000 } }])
        expect(one.readMetadata('topic')).toEqual([])
      }
      check(storage)
      check(await reopen())
    }),
  )

  it(
    'keeps the last value of a path, also within one unit, and none once it is removed',
    on(makeStorage, async (storage) => {
      const put = (value: StoredOffset | null) => unit((changes) => changes.put('offset', ['g', 't', 0], value))
      await storage.commit(put(offset(1)))
      await storage.commit(put(offset(2)))
      expect(offsets(storage)).toEqual([['g', 't', 0, 2]])
      const both = unit((changes) => {
        changes.put('offset', ['g', 't', 0], null)
        changes.put('offset', ['g', 't', 0], offset(3))
      })
      await storage.commit(both)
      expect(offsets(storage)).toEqual([['g', 't', 0, 3]])
      await storage.commit(put(null))
      expect(offsets(storage)).toEqual([])
    }),
  )
}

/** The paths that tell entries apart. */
function metadataPaths(makeStorage: MakeStorage): void {
  it(
    'tells kinds and paths apart that begin alike',
    on(makeStorage, async (storage) => {
      await storage.commit(
        unit((changes) => {
          for (const [group, topic] of [
            ['a', 'bc'],
            ['ab', 'c'],
            ['a', 'b'],
            ['', 'abc'],
          ] as const)
            changes.put('offset', [group, topic, 1], offset(1))
          changes.put('offset', ['a', 'b', 10], offset(1))
          changes.put('pendingOffset', ['a', 'b', 1, 5], offset(9))
        }),
      )
      expect(offsets(storage)).toHaveLength(5)
      expect(storage.readMetadata('pendingOffset')).toHaveLength(1)
    }),
  )

  it.each(['größe', '日本語', '😀', 'a b\tc', '"quoted"', '__proto__', 'x'.repeat(512)])('takes the name %j', (name) =>
    on(makeStorage, async (storage, reopen) => {
      await storage.commit(unit((changes) => changes.put('offset', [name, 't', 0], offset(1))))
      expect(offsets(await reopen())).toEqual([[name, 't', 0, 1]])
    })(),
  )

  it(
    'is one unit with batches',
    on(makeStorage, async (storage, reopen) => {
      const changes = oneBatch(1, 0)
      changes.put('offset', ['g', 't', 0], offset(1))
      await storage.commit(changes)
      const again = await reopen()
      expect([again.lastOffset(1), offsets(again).length]).toEqual([0, 1])
    }),
  )

  it(
    'keeps numbers up to 2^53 - 1 exactly',
    on(makeStorage, async (storage, reopen) => {
      const large = Number.MAX_SAFE_INTEGER
      await storage.commit(unit((changes) => changes.put('offset', ['g', 't', 0], offset(large))))
      expect(offsets(await reopen())).toEqual([['g', 't', 0, large]])
    }),
  )
}
