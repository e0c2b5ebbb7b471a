import { codeOf } from '@kafkado/core'
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded } from '@kafkado/broker'
import { JournalStorage, SqliteStorage } from '@kafkado/broker/disk'
import { LmdbStorage } from '@kafkado/broker/lmdb'
import { MemoryStorage, type Storage } from '@kafkado/broker/storage'
import { batch, readAll, startTime } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

const minReclaimedBytes = 1024 * 1024
const storages: readonly [name: string, files: RegExp, make: (folder: string) => Storage][] = [
  ['the journal', /\.(journal|checkpoint)$/, (folder) => new JournalStorage(folder, { limits: { minReclaimedBytes } })],
  ['LMDB', /^data\.mdb$/, (folder) => new LmdbStorage(folder, { minReclaimedBytes })],
  ['SQLite', /^data\.sqlite$/, (folder) => new SqliteStorage(folder)],
]

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-disk-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe.each(storages)('a folder with %s', (name, names, make) => {
  const files = (): string[] => {
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return found.filter((one) => names.test(one)).map((one) => join(folder, one))
  }
  // Files come and go meanwhile.
  const sizeOf = (): number =>
    files().reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)

  /** Housekeeping continues in the background, one durable write after the other, and so does this. */
  const settleTo = async (engine: EngineUnderTest, isDone: () => boolean): Promise<void> => {
    for (let write = 0; !isDone(); write++) {
      if (write % 100 === 0) await engine.clock.advanceAsync('1m')
      await engine.harness.producerId()
    }
  }

  it('shrinks by retention and by compaction, and a reader in the middle gets the right record or OFFSET_OUT_OF_RANGE', async () => {
    const engine = new EngineUnderTest({}, make(folder))
    const deleting = await engine.harness.topic(1, { 'retention.ms': '3600000' })
    const compacting = await engine.harness.topic(1, { 'cleanup.policy': 'compact' })
    const text = (index: number): string => `${index}:${'x'.repeat(20_000)}`
    for (let index = 0; index < 400; index++) {
      await Promise.all([
        engine.harness.produce(deleting, batch([{ value: text(index), timestamp: startTime + index * 1000 }])),
        engine.harness.produce(
          compacting,
          batch([{ key: `k${index % 10}`, value: text(index), timestamp: startTime }]),
        ),
      ])
    }
    const before = sizeOf()
    let isOver = false
    const seen = { records: 0, outOfRange: 0 }
    const reader = async (topic: string): Promise<void> => {
      for (let offset = 0; !isOver; offset = (offset + 37) % 400) {
        const { errorCode, logStartOffset, records } = await engine.harness.fetch(topic, offset, {
          partitionMaxBytes: 1,
        })
        if (errorCode === codeOf('OFFSET_OUT_OF_RANGE')) {
          expect(logStartOffset).toBeGreaterThan(offset)
          seen.outOfRange++
        } else {
          const [record] = await readAll(records)
          expect(errorCode).toBe(0)
          expect(record?.offset).toBeGreaterThanOrEqual(offset)
          expect(record?.value).toBe(text(record?.offset as number))
          seen.records++
        }
        await new Promise((next) => setImmediate(next))
      }
    }
    const reading = [reader(deleting), reader(compacting)]
    await engine.clock.advanceAsync('64m')
    await settleTo(engine, () => sizeOf() < before / 2)
    isOver = true
    await Promise.all(reading)
    const after = sizeOf()
    console.log(`${name}: ${before} bytes before retention and compaction, ${after} after; ${JSON.stringify(seen)}`)
    expect(after).toBeLessThan(before / 2)
    expect(seen.records).toBeGreaterThan(0)
    expect(seen.outOfRange).toBeGreaterThan(0)
    const [start] = await readAll((await engine.harness.fetch(compacting, 0, { partitionMaxBytes: 1 })).records)
    // The last batch is never cleaned, and neither is the one it replaces.
    expect(start?.offset).toBe(389)
    await engine.transport.close()
    const again = new EngineUnderTest({}, make(folder))
    expect((await again.harness.offsetFor(deleting, -2)).offset).toBeGreaterThan(0)
    const { records } = await again.harness.fetch(compacting, 0, { partitionMaxBytes: 10_000_000 })
    expect((await readAll(records)).map(({ offset }) => offset)).toEqual(
      Array.from({ length: 11 }, (_, index) => 389 + index),
    )
    await again.transport.close()
  })

  it('tells of a record that the disk has damaged, gives those before it, and keeps the rest', async () => {
    const engine = new EngineUnderTest({}, make(folder))
    const retention = { 'retention.ms': '3600000' }
    const [topic, another] = [await engine.harness.topic(1, retention), await engine.harness.topic(1, retention)]
    for (const value of ['before', 'MARK'.repeat(2000), 'after']) await engine.harness.produceEach(topic, value)
    await engine.transport.close()
    for (const file of files()) {
      const content = readFileSync(file)
      const descriptor = openSync(file, 'r+')
      // Unused pages may hold it too.
      for (let place = content.indexOf('MARK'); place >= 0; place = content.indexOf('MARK', place + 4))
        writeSync(descriptor, Buffer.from('m'), 0, 1, place)
      closeSync(descriptor)
    }
    const again = new EngineUnderTest({}, make(folder))
    const told = new Promise((resolve) => void again.transport.on('damaged', resolve))
    await again.transport.open()
    // The scrubber gets to it soon; until then, only clients would notice.
    await again.clock.advanceAsync('1m')
    expect(await told).toMatchObject({ topic, partition: 0, offset: 1, endOffset: 2 })
    expect(await again.harness.values(topic)).toEqual(['before'])
    const damaged = await again.harness.fetch(topic, 1)
    expect(damaged.errorCode).toBe(codeOf('CORRUPT_MESSAGE'))
    expect(damaged.errorMessage).toContain(`topic '${topic}' partition 0 at offset 1 is damaged`)
    expect(await again.harness.values(topic, 2)).toEqual(['after'])
    await again.harness.produceEach(another, 'old')
    // An hour instead of the default of days: in each minute of the clock, the housekeeping has durable writes to do.
    await again.clock.advanceAsync('1h')
    let start = 0
    while (start === 0) {
      // The running turn may have checked before the hour was over; the next one begins when the disk is done with it.
      await again.harness.producerId()
      await again.clock.advanceAsync('1m')
      start = (await again.harness.offsetFor(another, -2)).offset
    }
    expect(start).toBe(1)
    await again.transport.close()
  })
})

describe('a disk that fails', () => {
  it('ends all writing, is not tried again, and what was kept can still be read', async () => {
    let [isBroken, attempts] = [false, 0]
    class BreakingDisk extends MemoryStorage {
      override commit(changes: Parameters<MemoryStorage['commit']>[0]): Promise<void> {
        attempts++
        return isBroken ? Promise.reject(new Error('EIO: i/o error, fdatasync')) : super.commit(changes)
      }
    }
    const engine = new EngineUnderTest({}, new BreakingDisk())
    const topic = await engine.harness.topic()
    await engine.harness.produceEach(topic, 'kept')
    isBroken = true
    const failed = engine.harness.produceEach(topic, 'lost')
    await expect(failed).rejects.toMatchObject({ code: 'STORAGE', retriable: false })
    await expect(failed).rejects.toThrow('EIO')
    isBroken = false
    const before = attempts
    await expect(engine.harness.produceEach(topic, 'after')).rejects.toMatchObject({ code: 'STORAGE' })
    await expect(engine.harness.producerId()).rejects.toMatchObject({ code: 'STORAGE' })
    await engine.clock.advanceAsync('1h')
    expect(attempts).toBe(before)
    expect(await engine.harness.values(topic)).toEqual(['kept'])
    expect(await engine.harness.fetch(topic, 0)).toMatchObject({ highWatermark: 1 })
    await engine.transport.close()
  })
})

describe('a disk that fills up', () => {
  it('takes no more records, says why, goes on serving, and takes them again once there is room', async () => {
    let freeBytes = 1_000_000_000
    class SmallDisk extends MemoryStorage {
      override freeBytes(): Promise<number> {
        return Promise.resolve(freeBytes)
      }
    }
    const engine = new EngineUnderTest({ minFreeBytes: 10_000_000 }, new SmallDisk())
    const topic = await engine.harness.topic()
    await engine.harness.produceEach(topic, 'before')
    const producer = await engine.producer()
    await producer.send(topic, ['open'])
    freeBytes = 5_000_000
    const refused = engine.harness.produceEach(topic, ...Array.from({ length: 30 }, () => 'x'.repeat(1_000_000)))
    await expect(refused).rejects.toMatchObject({ code: 'STORAGE', retriable: true, outcome: 'failed' })
    await expect(refused).rejects.toThrow('the disk is nearly full')
    expect((await engine.harness.values(topic, 0, { partitionMaxBytes: 1 }))[0]).toBe('before')
    await producer.end(true)
    freeBytes = 1_000_000_000
    // The refused attempt finds out that there is room again.
    await expect(engine.harness.produceEach(topic, 'still refused')).rejects.toThrow('nearly full')
    await engine.harness.producerId()
    await engine.harness.produceEach(topic, 'after')
    await engine.transport.close()
  })
})

describe('the storage of a folder', () => {
  it('stays what it was made with', async () => {
    const first = embedded(folder, { storage: 'sqlite' })
    await first.open()
    await first.close()
    await expect(embedded(folder, { storage: 'lmdb' }).open()).rejects.toThrow("was made with the storage 'sqlite'")
    const again = embedded(folder)
    await again.open()
    await again.close()
    expect(statSync(join(folder, 'data.sqlite')).size).toBeGreaterThan(0)
  })
})
