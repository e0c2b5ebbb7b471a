import { codeOf, seededRandom } from '@kafkado/core'
import { recordBatchesIn } from '@kafkado/core/internal'
import { batch, readAll, startTime, type TestProducer } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'
import { HoldingStorage } from './holding-storage.ts'

const compacted = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' }

describe('compaction', () => {
  let engine: EngineUnderTest
  beforeEach(() => {
    engine = new EngineUnderTest({ maxTransactionTimeout: '1d' })
  })
  afterEach(() => engine.transport.close())

  type Entry = [key: string, value: string | null]
  const write = (topic: string, ...entries: Entry[]) =>
    engine.harness.produce(topic, batch(entries.map(([key, value]) => ({ key, value, timestamp: startTime }))))

  const read = async (topic: string, offset = 0) => {
    const { records } = await engine.harness.fetch(topic, offset)
    return (await readAll(records)).map(({ offset: at, key, value }) => `${at} ${key}=${value}`)
  }

  const clean = () => engine.clock.advanceAsync('1m')

  it('keeps the last value of each key at its offset, and never cleans the last batch', async () => {
    const topic = await engine.harness.topic(1, compacted)
    await write(topic, ['a', '1'], ['b', '1'], ['a', '2'])
    await write(topic, ['a', '3'])
    await write(topic, ['b', '2'])
    await write(topic, ['a', '4'])
    await clean()
    expect(await read(topic)).toEqual(['3 a=3', '4 b=2', '5 a=4'])
    await write(topic, ['c', '1'])
    await clean()
    expect(await read(topic)).toEqual(['4 b=2', '5 a=4', '6 c=1'])
    expect(await engine.harness.fetch(topic, 0)).toMatchObject({ logStartOffset: 0, highWatermark: 7 })
  })

  it('leaves gaps in a batch and keeps its other records as they were', async () => {
    const topic = await engine.harness.topic(1, compacted)
    await write(topic, ['a', '1'], ['b', '1'], ['c', '1'])
    await write(topic, ['b', '2'])
    await write(topic, ['end', ''])
    await clean()
    const [first] = recordBatchesIn((await engine.harness.fetch(topic, 0)).records)
    expect(first?.header).toMatchObject({ recordsCount: 2, lastOffsetDelta: 2 })
    expect(await read(topic)).toEqual(['0 a=1', '2 c=1', '3 b=2', '4 end='])
  })

  it('gives a reader in a gap the next record', async () => {
    const topic = await engine.harness.topic(1, compacted)
    for (const value of ['1', '2', '3']) await write(topic, ['a', value])
    await write(topic, ['b', '1'])
    await clean()
    expect(await read(topic, 1)).toEqual(['2 a=3', '3 b=1'])
  })

  it('keeps compressed batches compressed', async () => {
    const topic = await engine.harness.topic(1, compacted)
    const records = ['a', 'b'].map((key) => ({ key, value: 'x'.repeat(100) }))
    await engine.harness.produce(topic, batch(records, { compression: 'gzip' }))
    await write(topic, ['a', '2'], ['end', ''])
    await write(topic, ['end', ''])
    await clean()
    const [first] = recordBatchesIn((await engine.harness.fetch(topic, 0)).records)
    expect(first?.header).toMatchObject({ compressionType: 1, recordsCount: 1 })
    expect((await read(topic))[0]).toBe(`1 b=${'x'.repeat(100)}`)
  })

  it('keeps tombstones for delete.retention.ms, so that every reader sees them', async () => {
    const topic = await engine.harness.topic(1, { ...compacted, 'delete.retention.ms': '600000' })
    await write(topic, ['a', '1'])
    await write(topic, ['a', null])
    await write(topic, ['b', '1'])
    await clean()
    expect(await read(topic)).toEqual(['1 a=null', '2 b=1'])
    await write(topic, ['b', '2'])
    await clean()
    expect(await read(topic)).toEqual(['1 a=null', '2 b=1', '3 b=2'])
    await engine.clock.advanceAsync('11m')
    await write(topic, ['b', '3'])
    await clean()
    expect(await read(topic)).toEqual(['3 b=2', '4 b=3'])
  })

  it('waits for min.compaction.lag.ms, and no longer than max.compaction.lag.ms', async () => {
    const lagging = await engine.harness.topic(1, { ...compacted, 'min.compaction.lag.ms': '300000' })
    const overdue = await engine.harness.topic(1, {
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '1',
      'max.compaction.lag.ms': '300000',
    })
    for (const topic of [lagging, overdue]) {
      await write(topic, ['k', '0'])
      await write(topic, ['a', '1'])
    }
    await clean()
    for (const topic of [lagging, overdue]) for (const value of ['2', '3']) await write(topic, ['a', value])
    await clean()
    expect(await read(lagging)).toHaveLength(4)
    expect(await read(overdue)).toHaveLength(4)
    await engine.clock.advanceAsync('5m')
    expect(await read(lagging)).toEqual(['0 k=0', '2 a=2', '3 a=3'])
    expect(await read(overdue)).toEqual(['0 k=0', '2 a=2', '3 a=3'])
  })

  it('waits until enough is to be gained (min.cleanable.dirty.ratio)', async () => {
    const topic = await engine.harness.topic(1, { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.5' })
    for (let key = 0; key < 10; key++) await write(topic, [`${key}`, '1'])
    await clean()
    for (const value of ['2', '3', '4']) await write(topic, ['0', value])
    await clean()
    expect(await read(topic)).toHaveLength(13)
    for (let count = 0; count < 10; count++) await write(topic, ['0', 'x'])
    await clean()
    expect(await read(topic)).toHaveLength(11)
  })

  it('refuses records without a key, and topics that are not compacted take them', async () => {
    const topic = await engine.harness.topic(1, compacted)
    const answer = await engine.harness.produce(topic, batch([{ key: 'a', value: '1' }, { value: '2' }]))
    expect(answer).toMatchObject({ errorCode: codeOf('INVALID_RECORD'), baseOffset: -1 })
    expect(answer.errorMessage).toContain('cleanup.policy')
    expect(await engine.harness.produce(await engine.harness.topic(), batch([{ value: '1' }]))).toMatchObject({
      errorCode: 0,
    })
  })

  it('deletes by time and compacts where the topic says both', async () => {
    const topic = await engine.harness.topic(1, {
      ...compacted,
      'cleanup.policy': 'compact,delete',
      'retention.ms': '90000',
    })
    await write(topic, ['a', '1'])
    await write(topic, ['a', '2'])
    await write(topic, ['b', '1'])
    await clean()
    expect(await read(topic)).toEqual(['1 a=2', '2 b=1'])
    await clean()
    expect((await engine.harness.fetch(topic, 3)).logStartOffset).toBe(3)
  })

  it('keeps what is only compacted, however old and however much it is', async () => {
    const topic = await engine.harness.topic(1, { ...compacted, 'retention.ms': '1000', 'retention.bytes': '1' })
    for (const key of ['a', 'b', 'c']) await write(topic, [key, '1'])
    await engine.clock.advanceAsync('1h')
    expect(await read(topic)).toEqual(['0 a=1', '1 b=1', '2 c=1'])
  })

  it('lists an aborted transaction until its records are gone from the disk for good', async () => {
    const storage = new HoldingStorage()
    const held = new EngineUnderTest({}, storage)
    const topic = await held.harness.topic(1, compacted)
    const producer = await held.producer()
    await producer.sendRecords(topic, [{ key: 'a', value: 'aborted' }])
    await producer.end(false)
    for (const value of ['1', '2']) await held.harness.produce(topic, batch([{ key: 'b', value }]))
    storage.hold()
    await held.clock.advanceAsync('1m')
    expect(await held.harness.committed(topic)).toEqual(['1', '2'])
    storage.release()
    await held.clock.advanceAsync('1m')
    expect(await held.harness.committed(topic)).toEqual(['1', '2'])
    expect(await held.harness.values(topic)).not.toContain('aborted')
    await held.transport.close()
  })

  it('never gives an offset twice, also when the last records are removed before a restart', async () => {
    const topic = await engine.harness.topic(1, { ...compacted, 'delete.retention.ms': '0' })
    await write(topic, ['a', '1'])
    await write(topic, ['a', null])
    await write(topic, ['a', null])
    await clean()
    await clean()
    await engine.restart()
    expect(await write(topic, ['b', '1'])).toMatchObject({ baseOffset: 3 })
  })

  it('finds the greatest timestamp of what is left', async () => {
    const topic = await engine.harness.topic(1, compacted)
    const at = (key: string, timestamp: number) =>
      engine.harness.produce(topic, batch([{ key, value: '', timestamp: startTime + timestamp }]))
    await at('a', 9000)
    await at('b', 5000)
    await at('a', 1000)
    await at('c', 2000)
    await clean()
    expect(await engine.harness.offsetFor(topic, -3)).toMatchObject({ offset: 1, timestamp: startTime + 5000 })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'agrees with a model over random writes, transactions, cleanings and restarts (seed %d)',
    async (seed) => {
      const random = seededRandom(seed)
      const topic = await engine.harness.topic(1, { ...compacted, 'delete.retention.ms': '180000' })
      const below = (limit: number): number => Math.floor(random.next() * limit)
      /** Everything that a permanent reader has seen, in order. */
      const committed: { offset: number; key: string; value: string | null }[] = []
      const producers = new Map<TestProducer, typeof committed>()
      /** Producers come back: the remains of their aborted transactions must not touch the next ones. */
      const idle: TestProducer[] = []
      for (let step = 0; step < 150; step++) {
        const entries = Array.from({ length: 1 + below(4) }, () => ({
          key: `k${below(8)}`,
          value: below(5) === 0 ? null : `${step}`,
        }))
        const choice = below(10)
        if (choice < 4) {
          const { baseOffset } = await engine.harness.produce(topic, batch(entries))
          committed.push(...entries.map((entry, index) => ({ offset: baseOffset + index, ...entry })))
        } else if (choice < 6) {
          const producer =
            [...producers.keys()][below(3)] ?? idle.shift() ?? (await engine.producer(undefined, 86_400_000))
          const { baseOffset } = await producer.sendRecords(topic, entries)
          const written = entries.map((entry, index) => ({ offset: baseOffset + index, ...entry }))
          producers.set(producer, [...(producers.get(producer) ?? []), ...written])
        } else if (choice < 8) {
          const [producer, written] = [...producers][below(producers.size)] ?? []
          if (!producer) continue
          const isCommitted = below(2) === 0
          await producer.end(isCommitted)
          producers.delete(producer)
          idle.push(producer)
          if (isCommitted) committed.push(...(written as typeof committed))
        } else if (choice < 9) await clean()
        else if (producers.size === 0) {
          await engine.restart()
          idle.length = 0
        }
      }
      for (const [producer] of producers) await producer.end(false)
      await engine.harness.produce(topic, batch([{ key: 'end', value: 'end' }]))
      await clean()
      const expected = new Map<string, string | null>()
      committed.sort((left, right) => left.offset - right.offset)
      for (const { key, value } of committed) expected.set(key, value)
      const known = new Map(committed.map((record) => [record.offset, record]))
      const end = (await engine.harness.offsetFor(topic, -1)).offset
      for (const start of [0, below(end), below(end), below(end)]) {
        const seen = (await engine.harness.committedRecords(topic, start)).filter(({ key }) => key !== 'end')
        for (const { offset, key, value } of seen) expect({ offset, key, value }).toEqual(known.get(offset))
        if (start > 0) continue
        const found = new Map(seen.map(({ key, value }) => [key, value]))
        for (const [key, value] of expected) expect(found.get(key) ?? null).toBe(value)
      }
    },
  )
})
