import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describeProducers, describeTransactions, type KafkaErrorName, metadata } from '@kafkado/core'
import { codeOf } from '@kafkado/core'
import { crc32c, RecordBatchBuilder, recordBatchFieldsAt, yieldToEventLoop } from '@kafkado/core/internal'
import { batch, rawBatch, type RawHeader, rawRecords, startTime, TestProducer } from '@kafkado/testing/conformance'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'
import { HoldingStorage } from './holding-storage.ts'

/** Ways in which a batch can misstate its records, with any compression. */
const lies: [name: string, records: Uint8Array, header?: Partial<RawHeader>][] = [
  ['more records', rawRecords({}), { recordsCount: 2 }],
  ['fewer records', rawRecords({}, {}), { recordsCount: 1 }],
  ['bytes after the last record', Uint8Array.of(...rawRecords({}), 0, 0, 0)],
  ['no bytes at all', new Uint8Array(0)],
  ['a gap in the offsets', rawRecords({}, { offsetDelta: 2 }), { recordsCount: 2 }],
  ['an offset twice', rawRecords({}, { offsetDelta: 0 }), { recordsCount: 2 }],
  ['offsets that go back', rawRecords({ offsetDelta: 1 }, { offsetDelta: 0 }), { recordsCount: 2 }],
  ['an offset of 2^31 - 1', rawRecords({ offsetDelta: 2 ** 31 - 1 })],
  ['an offset of more than 32 bits', rawRecords({ offsetDelta: 2 ** 32 })],
  ['a negative offset', rawRecords({ offsetDelta: -1 })],
  ['a short length', rawRecords({ lengthError: -1 })],
  ['a long length', rawRecords({ lengthError: 1 })],
  ['a huge length', rawRecords({ lengthError: 2 ** 30 })],
  ['a negative length', rawRecords({ length: [1] })],
  ['a length of six bytes', rawRecords({ length: [0x90, 0x80, 0x80, 0x80, 0x80, 0] })],
  ['a length of 33 bits', rawRecords({ length: [0x90, 0x80, 0x80, 0x80, 0x10] })],
  ['a length that is cut off', Uint8Array.of(0x80)],
  ['a key length of -2', rawRecords({ keyLength: -2 })],
  ['a key length of -65', rawRecords({ keyLength: -65 })],
  ['a value length of -2', rawRecords({ value: null, valueLength: -2 })],
  ['a key beyond the record', rawRecords({ key: 'k', keyLength: 50 })],
  ['a value beyond the record', rawRecords({ valueLength: 50 })],
  ['a value within the next record', rawRecords({ valueLength: 5 }, {}), { recordsCount: 2 }],
  ['-1 headers', rawRecords({ headersCount: -1 })],
  ['a header too many', rawRecords({ headersCount: 1 })],
  ['a header too few', rawRecords({ headers: [[1, 'h', 1, 'v']], headersCount: 0 })],
  ['2^30 headers', rawRecords({ headersCount: 2 ** 30 })],
  ['a header without a name', rawRecords({ headers: [[-1, '', 1, 'v']] })],
  ['a header value of -2', rawRecords({ headers: [[1, 'h', -2, '']] })],
  ['a header beyond the record', rawRecords({ headers: [[1, 'h', 50, 'v']] })],
  ['a header that ends early', rawRecords({ headers: [[1, 'h', 0, 'v']] })],
  ['a timestamp of eleven bytes', rawRecords({ timestampDelta: [...Array<number>(10).fill(0x80), 0] })],
  ['a timestamp beyond 2^53', rawRecords({ timestampDelta: 2 ** 53 - 1 })],
  ['a timestamp before -2^53', rawRecords({ timestampDelta: -(2 ** 53 - 1) }), { baseTimestamp: -100 }],
  ['bytes after its fields', rawRecords({ more: [0] })],
]

const codecs: [name: string, attributes: number, pack: (records: Uint8Array) => Uint8Array][] = [
  ['none', 0, (records) => records],
  ['gzip', 1, gzipSync],
  ['zstd', 4, zstdCompressSync],
]

const packedLies = codecs.flatMap(([codec, attributes, pack]) =>
  lies.map(([name, records, header]) => [name, codec, rawBatch(pack(records), { ...header, attributes })] as const),
)

const one = rawRecords({})
const numbered = { producerId: 7000, producerEpoch: 0, baseSequence: 0 }

/** Ways in which a header can be wrong, or set what a producer must not set. */
const headerLies: [name: string, bytes: Uint8Array, error: KafkaErrorName][] = [
  ['a last offset that does not fit', rawBatch(one, { lastOffsetDelta: 3 }), 'INVALID_RECORD'],
  ['no records', rawBatch(one, { recordsCount: 0 }), 'INVALID_RECORD'],
  ['-1 records', rawBatch(one, { recordsCount: -1 }), 'INVALID_RECORD'],
  ['an offset', rawBatch(one, { baseOffset: 1 }), 'INVALID_RECORD'],
  ['the control bit', rawBatch(one, { ...numbered, attributes: 0x30 }), 'INVALID_RECORD'],
  ['the bit of compaction', rawBatch(one, { attributes: 0x40 }), 'INVALID_RECORD'],
  ['a bit that means nothing', rawBatch(one, { attributes: 0x100 }), 'INVALID_RECORD'],
  ['the time of the append', rawBatch(one, { attributes: 0x08 }), 'INVALID_TIMESTAMP'],
  ['codec 5', rawBatch(one, { attributes: 5 }), 'UNSUPPORTED_COMPRESSION_TYPE'],
  ['codec 7', rawBatch(one, { attributes: 7 }), 'UNSUPPORTED_COMPRESSION_TYPE'],
  ['a producer without a sequence', rawBatch(one, { ...numbered, baseSequence: -1 }), 'INVALID_RECORD'],
  ['a producer without an epoch', rawBatch(one, { ...numbered, producerEpoch: -1 }), 'INVALID_RECORD'],
  ['a transaction without a producer', rawBatch(one, { attributes: 0x10 }), 'INVALID_RECORD'],
  [
    'a transaction that the request does not name',
    rawBatch(one, { ...numbered, attributes: 0x10 }),
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  ],
  ['a base timestamp beyond 2^53', rawBatch(one, { baseTimestamp: 2 ** 60 }), 'CORRUPT_MESSAGE'],
  ['a greatest timestamp beyond 2^53', rawBatch(one, { maxTimestamp: 2 ** 60 }), 'CORRUPT_MESSAGE'],
  ['a producer id beyond 2^53', rawBatch(one, { ...numbered, producerId: 2 ** 60 }), 'CORRUPT_MESSAGE'],
  ['magic 1', rawBatch(one).map((byte, at) => (at === 16 ? 1 : byte)), 'INVALID_RECORD'],
  ['magic 3', rawBatch(one).map((byte, at) => (at === 16 ? 3 : byte)), 'CORRUPT_MESSAGE'],
  ['a checksum of other bytes', rawBatch(one).map((byte, at) => (at === 20 ? byte ^ 1 : byte)), 'CORRUPT_MESSAGE'],
  ['another batch after it', Uint8Array.of(...rawBatch(one), ...rawBatch(one)), 'INVALID_RECORD'],
  ['gzip that is none', rawBatch(one, { attributes: 1 }), 'INVALID_RECORD'],
  ['gzip that is cut off', rawBatch(gzipSync(one).subarray(0, -4), { attributes: 1 }), 'INVALID_RECORD'],
  ['gzip with bytes after it', rawBatch(Uint8Array.of(...gzipSync(one), 0, 7), { attributes: 1 }), 'INVALID_RECORD'],
  ['snappy that is none', rawBatch(one, { attributes: 2 }), 'INVALID_RECORD'],
  ['lz4 that is none', rawBatch(one, { attributes: 3 }), 'INVALID_RECORD'],
  ['zstd that is none', rawBatch(one, { attributes: 4 }), 'INVALID_RECORD'],
  [
    'zstd with bytes after it',
    rawBatch(Uint8Array.of(...zstdCompressSync(one), 7), { attributes: 4 }),
    'INVALID_RECORD',
  ],
]

/** Everything that a refused batch could have changed. */
async function stateOf({ transport, harness }: EngineUnderTest, topic: string): Promise<unknown> {
  const topics = [{ topic, partitions: [0] }]
  return [
    await transport.send(describeProducers, { topics }),
    await transport.send(describeTransactions, { transactionalIds: ['id'] }),
    await transport.send(metadata, { topics: null, allowAutoTopicCreation: false }),
    await harness.offsetFor(topic, -1),
    await harness.fetch(topic, 0),
  ]
}

describe('a batch that is not what it says', () => {
  const refused = async (bytes: Uint8Array, error: KafkaErrorName): Promise<void> => {
    const storage = new HoldingStorage()
    const engine = new EngineUnderTest({}, storage)
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness, 'id').init()
    await producer.send(topic, ['open'])
    const before = await stateOf(engine, topic)
    let units = 0
    const commit = storage.commit.bind(storage)
    storage.commit = (changes) => {
      units++
      return commit(changes)
    }
    expect(await engine.harness.produce(topic, bytes)).toMatchObject({
      errorCode: codeOf(error),
      errorMessage: expect.stringMatching(/\w/),
      baseOffset: -1,
    })
    expect(await engine.harness.produce('not-there', bytes)).toMatchObject({ baseOffset: -1 })
    expect(await stateOf(engine, topic)).toEqual(before)
    expect(units).toBe(0)
    await producer.send(topic, ['after'])
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['open', 'after'])
    await engine.transport.close()
  }

  it.each(packedLies)('is refused for %s (%s), and changes nothing', (_, __, bytes) => refused(bytes, 'INVALID_RECORD'))

  it.each(headerLies)('is refused for %s, and changes nothing', (_, bytes, error) => refused(bytes, error))

  it('is refused in the middle of a transaction, which goes on', async () => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness, 'id').init()
    const { producerId, producerEpoch } = producer
    const header = { producerId, producerEpoch, baseSequence: 0, attributes: 0x10, recordsCount: 2 }
    const answer = await engine.harness.produce(topic, rawBatch(rawRecords({}), header), 0, -1, 'id')
    expect(answer.errorCode).toBe(codeOf('INVALID_RECORD'))
    expect(await producer.state()).toBe('Empty')
    await producer.send(topic, ['a'])
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['a'])
    await engine.transport.close()
  })

  it('never makes what was there unreadable, whatever bytes are in it', async () => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic()
    const base = batch([
      { key: 'k', value: 'value', headers: [['h', 'v']] },
      { value: null, timestamp: startTime + 5 },
    ])
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: recordBatchFieldsAt.attributes, max: base.length - 1 }), fc.nat(255)), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          const bytes = base.slice()
          for (const [at, byte] of changes) bytes[at] = byte
          new DataView(bytes.buffer).setUint32(recordBatchFieldsAt.crc, crc32c(bytes, recordBatchFieldsAt.attributes))
          const { errorCode, baseOffset } = await engine.harness.produce(topic, bytes)
          if (errorCode !== 0) return
          expect(baseOffset).toBe(taken)
          taken += 2
          const { records } = await engine.harness.fetch(topic, baseOffset)
          expect(records.length).toBeGreaterThan(0)
          expect(await engine.harness.values(topic, baseOffset)).toHaveLength(2)
        },
      ),
      { numRuns: 2000 },
    )
    expect(await engine.harness.offsetFor(topic, -1)).toMatchObject({ offset: taken })
    await engine.transport.close()
  })
})

describe('a batch that unpacks to more than is allowed', () => {
  const built = async (compression: 'gzip' | 'snappy' | 'lz4' | 'zstd', valueBytes: number): Promise<Uint8Array> => {
    const builder = new RecordBatchBuilder()
    builder.append({ timestamp: startTime, key: null, value: new Uint8Array(valueBytes), headers: [] })
    return builder.build({ compression })
  }

  describe.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s', (compression) => {
    it.each([
      ['short', 10_000, 5000],
      ['long', 8_000_000, 4_000_000],
    ])('is refused when it is %s, and taken at the limit', async (_, valueBytes, limit) => {
      const bytes = await built(compression, valueBytes)
      const engine = new EngineUnderTest({ maxUncompressedBatchBytes: limit })
      const topic = await engine.harness.topic()
      const refused = await engine.harness.produce(topic, bytes)
      expect(refused).toMatchObject({
        errorCode: codeOf('MESSAGE_TOO_LARGE'),
        errorMessage: expect.stringContaining('maxUncompressedBatchBytes'),
      })
      const overheadBytes = valueBytes < 8192 ? 9 : valueBytes < 2 ** 20 ? 11 : 13
      const generous = new EngineUnderTest({ maxUncompressedBatchBytes: valueBytes + overheadBytes })
      const other = await generous.harness.topic()
      expect(await generous.harness.produce(other, bytes)).toMatchObject({ errorCode: 0, baseOffset: 0 })
    })

    it('is measured by max.message.bytes of the topic where nothing else is said', async () => {
      const bytes = await built(compression, 1_000_000)
      const engine = new EngineUnderTest()
      const small = await engine.harness.topic(1, { 'max.message.bytes': '60000' })
      const large = await engine.harness.topic(1, { 'max.message.bytes': '70000' })
      expect(await engine.harness.produce(small, bytes)).toMatchObject({ errorCode: codeOf('MESSAGE_TOO_LARGE') })
      expect(await engine.harness.produce(large, bytes)).toMatchObject({ errorCode: 0 })
    })
  })

  it('is unpacked beside what else is asked', async () => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic()
    const bytes = await built('gzip', 15_000_000)
    let isAppended = false
    const producing = engine.harness.produce(topic, bytes).then(() => (isAppended = true))
    await engine.harness.offsetFor(topic, -1)
    expect(isAppended).toBe(false)
    await producing
    expect(await engine.harness.offsetFor(topic, -1)).toMatchObject({ offset: 1 })
  })

  it('is not overtaken in its partition by a batch that needs less time, and does not hold up others', async () => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic(2)
    const producer = await engine.harness.producerId()
    const builder = new RecordBatchBuilder()
    builder.append({ timestamp: startTime, key: null, value: new Uint8Array(4_000_000), headers: [] })
    const long = (await builder.build({ ...producer, baseSequence: 0, compression: 'gzip' })) as Uint8Array
    const order: string[] = []
    const produce = async (name: string, bytes: Uint8Array, partition = 0): Promise<void> => {
      const { errorCode, baseOffset } = await engine.harness.produce(topic, bytes, partition)
      order.push(`${name}: ${errorCode} at ${baseOffset}`)
    }
    const first = produce('long', long)
    const next = produce('next', batch([{ value: 'next' }], { ...producer, baseSequence: 1 }))
    const last = produce('last', batch([{ value: 'last' }], { ...producer, baseSequence: 2 }))
    await produce('other', batch([{ value: 'other' }]), 1)
    await Promise.all([first, next, last])
    expect(order).toEqual(['other: 0 at 0', 'long: 0 at 0', 'next: 0 at 1', 'last: 0 at 2'])
    // Afterwards nobody waits any more.
    await yieldToEventLoop()
    await produce('again', batch([{ value: 'again' }]))
    expect(order.at(-1)).toBe('again: 0 at 3')
  })

  it('is not overtaken in a topic that is only being made', async () => {
    const engine = new EngineUnderTest()
    const long = await built('gzip', 1_000_000)
    const answers = await Promise.all([
      engine.harness.produce('made-by-it', long),
      engine.harness.produce('made-by-it', batch([{ value: 'next' }])),
    ])
    expect(answers.map(({ baseOffset }) => baseOffset)).toEqual([0, 1])
  })
})

describe('a partition whose offsets come to an end', () => {
  const last = Number.MAX_SAFE_INTEGER - 2 ** 20
  /** An engine whose only partition has reached that offset; earlier records were deleted. */
  const filledUpTo = async (lastOffset: number): Promise<{ engine: EngineUnderTest; topic: string }> => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic()
    await engine.harness.produceEach(topic, 'only')
    const bytes = batch([{ value: 'last' }], { baseOffset: lastOffset })
    const { StorageChanges } = await import('@kafkado/broker/storage')
    const changes = new StorageChanges()
    const [log] = engine.storage.readMetadata('topic').flatMap(({ value }) => value?.logIds ?? [])
    changes.batches.push({ logId: log as number, lastOffset, bytes })
    await engine.storage.commit(changes)
    await engine.restart()
    return { engine, topic }
  }

  it('takes the last that there is room for, and then refuses, also after a restart', async () => {
    const { engine, topic } = await filledUpTo(last - 2)
    expect(await engine.harness.produce(topic, batch([{ value: 'a' }]))).toMatchObject({
      errorCode: 0,
      baseOffset: last - 1,
    })
    for (let round = 0; round < 2; round++) {
      const refused = await engine.harness.produce(topic, batch([{ value: 'b' }]))
      expect(refused).toMatchObject({ errorCode: codeOf('INVALID_RECORD'), baseOffset: -1 })
      expect(refused.errorMessage).toContain('2^53')
      expect(await engine.harness.values(topic, last - 1)).toEqual(['a'])
      expect(await engine.harness.offsetFor(topic, -1)).toMatchObject({ offset: last })
      await engine.restart()
    }
  })

  it('lets a transaction that is open end', async () => {
    const { engine, topic } = await filledUpTo(last - 2)
    const producer = await new TestProducer(engine.harness, 'id').init()
    await producer.send(topic, ['a'])
    await producer.end(true)
    expect(await engine.harness.committed(topic, last - 1)).toEqual(['a'])
  })

  it('gives out none again after a restart on offsets beyond 2^53, which an earlier version took', async () => {
    const { engine, topic } = await filledUpTo(2 ** 53)
    for (let round = 0; round < 2; round++)
      expect(await engine.harness.produce(topic, batch([{ value: 'b' }]))).toMatchObject({ baseOffset: -1 })
  })
})
