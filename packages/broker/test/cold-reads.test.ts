import { JournalStorage } from '@kafkado/broker/disk'
import { StorageChanges } from '@kafkado/broker/storage'
import { seededRandom, systemClock } from '@kafkado/core'
import { expect, it } from 'vitest'
import { SimulatedFolder } from '../../../tests/durability/journal/simulated-folder.ts'
import { EngineUnderTest } from './engine-under-test.ts'

it('lets the disk work beside the event loop for what was written long ago, once, and not for what is young', async () => {
  const random = seededRandom(1)
  const reads: string[] = []
  const onRead = (kind: string, name: string, position: number): void => {
    // The one that is written to has the name under which it was begun.
    const file = name.replace(/\.new$/, '')
    if (file.endsWith('.journal')) reads.push(`${kind} ${file} ${Math.floor(position / 262_144)}`)
  }
  const storage = new JournalStorage('simulated', {
    disk: new SimulatedFolder(random, { onRead }),
    limits: { warmBytes: 20_000 },
    runtime: { clock: systemClock, random },
  })
  const engine = new EngineUnderTest({}, storage)
  const topic = await engine.harness.topic()
  for (let index = 0; index < 40; index++) await engine.harness.produceEach(topic, `${index}:${'x'.repeat(10_000)}`)
  reads.length = 0
  const value = async (offset: number): Promise<string | null | undefined> =>
    (await engine.harness.values(topic, offset, { partitionMaxBytes: 1 }))[0]?.split(':')[0]
  expect(await value(39)).toBe('39')
  expect(reads).toEqual(['sync 1.journal 1'])
  reads.length = 0
  expect(await value(2)).toBe('2')
  expect(reads).toEqual(['async 1.journal 0', 'sync 1.journal 0'])
  reads.length = 0
  expect(await value(5)).toBe('5')
  expect(reads).toEqual(['sync 1.journal 0'])
  await engine.transport.close()
})

it('gives out what is there when it is read, though something else was there when it was brought near', async () => {
  const random = seededRandom(2)
  const storage = new JournalStorage('simulated', {
    disk: new SimulatedFolder(random),
    limits: { warmBytes: 0 },
    runtime: { clock: systemClock, random },
  })
  await storage.open()
  const bytes = (value: number): Uint8Array => new Uint8Array(100).fill(value)
  const commit = async (fill: (changes: StorageChanges) => void): Promise<void> => {
    const changes = new StorageChanges()
    fill(changes)
    await storage.commit(changes)
  }
  for (let offset = 0; offset < 4; offset++)
    await commit(({ batches }) => void batches.push({ logId: 1, lastOffset: offset, bytes: bytes(offset) }))
  const range = [1, 0, 100, 1000, true] as const
  const found = (): number[] => {
    const read = storage.readBatches(...range)
    return Array.from({ length: read.length / 100 }, (_, index) => read[index * 100] as number)
  }
  const changed: [change: () => Promise<unknown>, left: number[]][] = [
    [async () => undefined, [0, 1, 2, 3]],
    [
      () => commit(({ replacedBatches: all }) => void all.push({ logId: 1, lastOffset: 2, bytes: bytes(9) })),
      [0, 1, 9, 3],
    ],
    [() => commit(({ replacedBatches: all }) => void all.push({ logId: 1, lastOffset: 1, bytes: null })), [0, 9, 3]],
    [() => storage.removeBatches(1, 1), [9, 3]],
    [() => commit(({ batches }) => void batches.push({ logId: 1, lastOffset: 4, bytes: bytes(4) })), [9, 3, 4]],
  ]
  for (const [change, left] of changed) {
    await storage.prepareRead(...range)
    await change()
    expect(found()).toEqual(left)
  }
  // Another range, and another log, are something else.
  await storage.prepareRead(...range)
  expect(storage.readBatches(1, 3, 100, 1000, true)[0]).toBe(3)
  expect(storage.readBatches(2, 0, 100, 1000, true)).toHaveLength(0)
  await storage.close()
})
