import { type KafkaErrorName, produce } from '@kafkado/core'
import { recordBatchHeaderBytes } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError, startTime } from '../harness/harness.ts'
import { rawBatch, rawRecords } from '../harness/raw-batch.ts'
import { answeredCode } from '../harness/test-member.ts'

/** A gzip batch of two records, whose header states another number. */
const packed = (recordsCount: number): Uint8Array => {
  const sound = batch([{ value: 'a' }, { value: 'b' }], { compression: 'gzip' })
  return rawBatch(sound.subarray(recordBatchHeaderBytes), { recordsCount, attributes: 1 })
}

/** Batches with a right checksum and wrong contents, each with Kafka's answer; without one, any refusal is accepted. */
const lying: [name: string, bytes: () => Uint8Array, error?: KafkaErrorName][] = [
  ['that counts more records than there are', () => rawBatch(rawRecords({}), { recordsCount: 2 }), 'INVALID_RECORD'],
  ['that counts fewer', () => rawBatch(rawRecords({}, {}), { recordsCount: 1 }), 'INVALID_RECORD'],
  ['of gzip that counts more records than there are', () => packed(3), 'INVALID_RECORD'],
  ['of gzip that counts fewer', () => packed(1), 'INVALID_RECORD'],
  ['that counts 2^31 - 1 records', () => rawBatch(rawRecords({}), { recordsCount: 2 ** 31 - 1 }), 'INVALID_RECORD'],
  [
    'that counts -1 records',
    () => rawBatch(rawRecords({}), { recordsCount: -1, lastOffsetDelta: 0 }),
    'INVALID_RECORD',
  ],
  ['without any record', () => rawBatch(new Uint8Array(0), { recordsCount: 0 }), 'INVALID_RECORD'],
  ['of one byte', () => rawBatch(Uint8Array.of(2)), 'INVALID_RECORD'],
  ['whose record says too short a length', () => rawBatch(rawRecords({ lengthError: -1 })), 'INVALID_RECORD'],
  ['whose record says too long a length', () => rawBatch(rawRecords({ lengthError: 1 })), 'INVALID_RECORD'],
  ['whose record says a huge length', () => rawBatch(rawRecords({ lengthError: 2 ** 30 })), 'INVALID_RECORD'],
  ['whose record says a negative length', () => rawBatch(rawRecords({ length: [1] })), 'INVALID_RECORD'],
  ['whose length has more than five bytes', () => rawBatch(rawRecords({ length: [0x90, 0x80, 0x80, 0x80, 0x80, 0] }))],
  ['whose record has more bytes than fields', () => rawBatch(rawRecords({ more: [0] })), 'INVALID_RECORD'],
  [
    'whose timestamp has more than ten bytes',
    () => rawBatch(rawRecords({ timestampDelta: [...Array<number>(10).fill(0x80), 0] })),
    'INVALID_RECORD',
  ],
  ['whose key is longer than the record', () => rawBatch(rawRecords({ key: 'k', keyLength: 100 })), 'INVALID_RECORD'],
  ['whose value is longer than the record', () => rawBatch(rawRecords({ valueLength: 100 })), 'INVALID_RECORD'],
  ['whose record has -1 headers', () => rawBatch(rawRecords({ headersCount: -1 })), 'INVALID_RECORD'],
  ['whose record has fewer headers than it says', () => rawBatch(rawRecords({ headersCount: 1 })), 'INVALID_RECORD'],
  ['whose record has 2^30 headers', () => rawBatch(rawRecords({ headersCount: 2 ** 30 })), 'INVALID_RECORD'],
  ['whose header has no name', () => rawBatch(rawRecords({ headers: [[-1, '', 1, 'v']] })), 'INVALID_RECORD'],
  [
    'whose header is longer than the record',
    () => rawBatch(rawRecords({ headers: [[1, 'h', 9, 'v']] })),
    'INVALID_RECORD',
  ],
  ['that does not begin at offset 0', () => rawBatch(rawRecords({}), { baseOffset: 5 }), 'INVALID_RECORD'],
  [
    'with a producer and no sequence',
    () => rawBatch(rawRecords({}), { producerId: 4000, producerEpoch: 0 }),
    'INVALID_RECORD',
  ],
  ['with a codec that does not exist', () => rawBatch(rawRecords({}), { attributes: 5 })],
  ['whose records are no gzip', () => rawBatch(rawRecords({}), { attributes: 1 })],
]

/** One batch with other bytes in its header, and the checksum as it was. */
const changed = (change: (view: DataView) => void): Uint8Array => {
  const bytes = Uint8Array.from(rawBatch(rawRecords({})))
  change(new DataView(bytes.buffer))
  return bytes
}

/** Bytes that are no batch. Facts from ByteBufferLogInputStream and ProduceRequest. */
const garbage: [name: string, bytes: Uint8Array, error: KafkaErrorName][] = [
  ['that are zeros', new Uint8Array(100), 'CORRUPT_MESSAGE'],
  ['that are ones', new Uint8Array(100).fill(0xff), 'CORRUPT_MESSAGE'],
  ['that say a negative length', changed((view) => view.setInt32(8, -1)), 'CORRUPT_MESSAGE'],
  ['that say a short length', changed((view) => view.setInt32(8, 13)), 'CORRUPT_MESSAGE'],
  ['of a format to come', changed((view) => view.setInt8(16, 3)), 'CORRUPT_MESSAGE'],
  ['of a negative format', changed((view) => view.setInt8(16, -1)), 'CORRUPT_MESSAGE'],
  ['of a former format', changed((view) => view.setInt8(16, 1)), 'INVALID_RECORD'],
  ['of the first format', changed((view) => view.setInt8(16, 0)), 'INVALID_RECORD'],
  [
    'of a producer beyond 2^53, with another checksum',
    changed((view) => view.setBigInt64(43, 2n ** 60n)),
    'CORRUPT_MESSAGE',
  ],
  ['with another checksum', changed((view) => view.setInt32(17, 1)), 'CORRUPT_MESSAGE'],
]

/** The checks of a batch before it is appended. Facts from LogValidator, DefaultRecord and DefaultRecordBatch. */
export function batchCases(get: GetHarness): void {
  it.each(lying)('refuses a batch %s and appends nothing', async (_, bytes, error) => {
    const topic = await get().topic()
    await get().produceEach(topic, 'before')
    const code = await answeredCode(get().produce(topic, bytes()))
    expect(code).toBeDefined()
    if (error === undefined) expect(code).not.toBe(noError)
    else expect(code).toBe(errorNumber(error))
    expect(await get().produce(topic, batch([{ value: 'after' }]))).toMatchObject({ errorCode: noError, baseOffset: 1 })
    expect(await get().values(topic)).toEqual(['before', 'after'])
  })

  it.each(garbage)('refuses bytes %s and appends nothing', async (_, bytes, error) => {
    const topic = await get().topic()
    expect(await answeredCode(get().produce(topic, bytes))).toBe(errorNumber(error))
    expect(await get().values(topic)).toEqual([])
  })

  it.each(garbage)('refuses bytes %s, whatever it does with the other partitions', async (_, records, error) => {
    const topic = await get().topic(2)
    const partitions = [
      { partition: 0, records },
      { partition: 1, records: batch([{ value: 'sound' }]) },
    ]
    const request = { transactionalId: null, acks: -1, timeoutMs: 30_000, topics: [{ topic, partitions }] }
    const { topics } = await get().transport.send(produce, request)
    const answers = topics[0]?.partitions ?? []
    const codeOf = (index: number) => answers.find(({ partition }) => partition === index)?.errorCode
    expect(codeOf(0)).toBe(errorNumber(error))
    // Kafka refuses all of them where it does not find a batch at all.
    expect([noError, errorNumber(error)]).toContain(codeOf(1))
    expect(await get().values(topic, 0, { partition: 1 })).toEqual(codeOf(1) === noError ? ['sound'] : [])
  })

  it('takes what only looks odd: nulls, empty texts, headers without a value, no timestamp, times that go back', async () => {
    const topic = await get().topic()
    const records = rawRecords(
      { key: null, value: null, headers: [[1, 'h', -1, '']] },
      { key: '', value: '', timestampDelta: -1 },
      { key: 'k', value: 'v', headers: [[0, '', 0, '']], timestampDelta: 2 },
    )
    const produced = await get().produce(topic, rawBatch(records, { recordsCount: 3, maxTimestamp: startTime + 2 }))
    expect(produced).toMatchObject({ errorCode: noError, baseOffset: 0 })
    expect(await get().produce(topic, batch([{ value: 'timeless', timestamp: -1 }]))).toMatchObject({ baseOffset: 3 })
    expect(await get().values(topic)).toEqual([null, '', 'v', 'timeless'])
  })
}
