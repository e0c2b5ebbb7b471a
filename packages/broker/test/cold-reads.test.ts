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
    // The file being written has the name under which it was begun.
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

it('reads what is long into the memory that its reader gets, and keeps little of what nobody comes for', async () => {
  const random = seededRandom(3)
  const reads: string[] = []
  let isFailing = false
  const onRead = (kind: string, name: string): void => {
    if (!/^[0-9]+\.journal(\.new)?$/.test(name)) return
    reads.push(kind)
    if (isFailing) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5 })
  }
  const storage = new JournalStorage('simulated', {
    disk: new SimulatedFolder(random, { onRead }),
    limits: { warmBytes: 0 },
    runtime: { clock: systemClock, random },
  })
  await storage.open()
  const logs = Array.from({ length: 100 }, (_, logId) => logId)
  for (const logId of logs) {
    const changes = new StorageChanges()
    changes.batches.push({ logId, lastOffset: 0, bytes: new Uint8Array(100_000).fill(logId) })
    await storage.commit(changes)
  }
  const near = async (logId: number): Promise<void> => {
    await storage.prepareRead(logId, 0, 1, 1_000_000, true)
  }
  const found = (logId: number): number => storage.readBatches(logId, 0, 1, 1_000_000, true)[99_999] as number
  reads.length = 0
  await near(7)
  expect(found(7)).toBe(7)
  expect(reads).toEqual(['async'])
  // It was taken: the next reader gets other memory.
  expect(found(7)).toBe(7)
  expect(reads).toEqual(['async', 'sync'])
  reads.length = 0
  // One after the other, and all at once.
  for (const logId of logs.slice(0, 50)) await near(logId)
  await Promise.all(logs.slice(50).map(near))
  const asynchronous = reads.length
  expect(logs.map(found)).toEqual(logs)
  const held = logs.length - (reads.length - asynchronous)
  expect(held).toBeGreaterThan(10)
  expect(held * 100_000).toBeLessThanOrEqual(4 * 1024 * 1024)
  isFailing = true
  await near(7)
  expect(() => found(7)).toThrow('EIO')
  isFailing = false
  // A failed read takes no room.
  for (let time = 0; time < 100; time++) {
    isFailing = true
    await near(time)
    isFailing = false
  }
  reads.length = 0
  await near(20)
  expect(found(20)).toBe(20)
  expect(reads).toEqual(['async'])
  await storage.close()
})

it.each([100, 30_000])(
  'gives out what is there when it is read, though something else was there when it was brought near: batches of %d bytes',
  async (length) => {
    const random = seededRandom(2)
    const storage = new JournalStorage('simulated', {
      disk: new SimulatedFolder(random),
      limits: { warmBytes: 0 },
      runtime: { clock: systemClock, random },
    })
    await storage.open()
    const bytes = (value: number): Uint8Array => new Uint8Array(length).fill(value)
    const commit = async (fill: (changes: StorageChanges) => void): Promise<void> => {
      const changes = new StorageChanges()
      fill(changes)
      await storage.commit(changes)
    }
    for (let offset = 0; offset < 4; offset++)
      await commit(({ batches }) => void batches.push({ logId: 1, lastOffset: offset, bytes: bytes(offset) }))
    const range = [1, 0, 100, length * 10, true] as const
    const found = (): number[] => {
      const read = storage.readBatches(...range)
      return Array.from({ length: read.length / length }, (_, index) => read[index * length] as number)
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
    // Another range or another log is not the same.
    await storage.prepareRead(...range)
    expect(storage.readBatches(1, 3, 100, length * 10, true)[0]).toBe(3)
    expect(storage.readBatches(2, 0, 100, length * 10, true)).toHaveLength(0)
    await storage.close()
  },
)
