import { compressionTypes, crc32c, recordBatchFieldsAt as at, recordBatchHeaderBytes } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError, readAll, startTime, tampered } from '../harness/harness.ts'
import { rawBatch, rawRecords } from '../harness/raw-batch.ts'
import { answeredCode } from '../harness/test-member.ts'

const sound = (): Uint8Array => batch([{ value: 'a' }, { value: 'b' }])
const withChecksum = (bytes: Uint8Array): Uint8Array =>
  tampered(bytes, (view) => view.setUint32(at.crc, crc32c(bytes, at.attributes)))
const inRecord = recordBatchHeaderBytes + 4

/** Batches that every log refuses. */
const broken: [name: string, bytes: () => Uint8Array][] = [
  ['with a wrong checksum', () => tampered(sound(), (view) => view.setUint32(at.crc, 1))],
  [
    'with a flipped bit in a record',
    () => tampered(sound(), (view) => view.setUint8(inRecord, view.getUint8(inRecord) ^ 1)),
  ],
  ['of magic 1', () => tampered(sound(), (view) => view.setInt8(at.magic, 1))],
  ['that is cut off', () => sound().subarray(0, recordBatchHeaderBytes + 9)],
  ['that is shorter than a header', () => sound().subarray(0, Math.floor(recordBatchHeaderBytes / 2))],
  ['with bytes after it', () => new Uint8Array([...sound(), 0, 0, 0])],
  ['with a length of less than a header', () => tampered(sound(), (view) => view.setInt32(at.batchLength, 3))],
  ['that counts no records', () => withChecksum(tampered(sound(), (view) => view.setInt32(at.recordsCount, 0)))],
  [
    'whose last offset does not fit its count',
    () => withChecksum(tampered(sound(), (view) => view.setInt32(at.lastOffsetDelta, 5))),
  ],
  [
    'with a codec that does not exist',
    () => withChecksum(tampered(sound(), (view) => view.setInt16(at.attributes, 7))),
  ],
  ['of control records', () => batch([{ key: '\0\0\0\0', value: '\0\0\0\0\0\0' }], { isControl: true })],
]

const numbered = (
  value: string,
  baseSequence: number,
  producer: { producerId: number; producerEpoch: number },
  count = 1,
): Uint8Array =>
  batch(
    Array.from({ length: count }, () => ({ value })),
    { ...producer, baseSequence },
  )

/** produce and initProducerId without transactions. */
export function produceCases(get: GetHarness): void {
  describe('produce', () => {
    appends(get)
    copies(get)
    appendTimes(get)
  })
  describe('idempotent produce', () => {
    sequences(get)
    sequencesOfEpochs(get)
  })
}

/** Appending, and the resulting offsets. */
function appends(get: GetHarness): void {
  it('gives offsets from 0 on, one a record', async () => {
    const topic = await get().topic()
    expect(await get().produce(topic, batch([{ value: 'a' }, { value: 'b' }]))).toMatchObject({
      errorCode: noError,
      baseOffset: 0,
      logStartOffset: 0,
    })
    expect(await get().produce(topic, batch([{ value: 'c' }]))).toMatchObject({ errorCode: noError, baseOffset: 2 })
  })

  it('keeps partitions apart', async () => {
    const topic = await get().topic(2)
    await get().produce(topic, batch([{ value: 'a' }]), 0)
    expect(await get().produce(topic, batch([{ value: 'b' }]), 1)).toMatchObject({ baseOffset: 0 })
    expect(await get().values(topic, 0, { partition: 1 })).toEqual(['b'])
  })

  it.each([-1, 1])('answers with acks %d when the record can be read', async (acks) => {
    const topic = await get().topic()
    await get().produce(topic, batch([{ value: 'a' }]), 0, acks)
    expect(await get().values(topic, 0, { maxWaitMs: 5000 })).toEqual(['a'])
  })

  it('appends with acks 0 too', async () => {
    const topic = await get().topic()
    await get().produce(topic, batch([{ value: 'a' }]), 0, 0)
    expect(await get().values(topic, 0, { maxWaitMs: 5000 })).toEqual(['a'])
  })

  it.each(compressionTypes.filter((codec) => codec === 'none' || codec === 'gzip'))(
    'hands %s batches through byte by byte',
    async (compression) => {
      const topic = await get().topic()
      const sent = batch([{ key: 'k', value: 'some value' }, { value: null }], { compression })
      await get().produce(topic, sent)
      const { records } = await get().fetch(topic, 0)
      expect([...records.subarray(at.magic)]).toEqual([...sent.subarray(at.magic)])
    },
  )

  it('answers each partition of a request on its own', async () => {
    const topic = await get().topic(2)
    expect(await get().produce(topic, batch([{ value: 'a' }]), 7)).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
      baseOffset: -1,
    })
    expect(await get().produce(topic, batch([{ value: 'a' }]), 1)).toMatchObject({ errorCode: noError })
  })
}

/** After a produce, the caller may change its bytes. */
function copies(get: GetHarness): void {
  describe.each([
    ['Uint8Array', (bytes: Uint8Array) => bytes],
    // Like bytes from a file or a socket, it lies within a larger buffer.
    ['Buffer', (bytes: Uint8Array) => Buffer.concat([Buffer.alloc(100), bytes, Buffer.alloc(100)]).subarray(100, -100)],
  ])("keeps its own copy of a %s, and leaves the producer's as it is, which may be used again,", (_kind, make) => {
    it.each<[string, Record<string, string>, () => Uint8Array]>([
      ['of a batch', {}, () => batch([{ value: 'kept', timestamp: startTime }])],
      [
        'that it stamps',
        { 'message.timestamp.type': 'LogAppendTime' },
        () => batch([{ value: 'kept', timestamp: startTime }]),
      ],
      [
        'whose greatest timestamp it corrects',
        {},
        () => rawBatch(rawRecords({ value: 'kept' }), { baseTimestamp: startTime, maxTimestamp: startTime + 5000 }),
      ],
      ['that it compresses', { 'compression.type': 'gzip' }, () => batch([{ value: 'kept', timestamp: startTime }])],
    ])('%s', async (_what, configs, makeBatch) => {
      const topic = await get().topic(1, configs)
      const sent = make(makeBatch())
      await get().produce(topic, sent)
      expect([...sent]).toEqual([...makeBatch()])
      sent.fill(0)
      expect(await get().values(topic)).toEqual(['kept'])
    })
  })
}

/** The timestamps that records get, and the batches that are refused. */
function appendTimes(get: GetHarness): void {
  it('stamps the time of the append where the topic says so', async () => {
    const topic = await get().topic(1, { 'message.timestamp.type': 'LogAppendTime' })
    const produced = await get().produce(topic, batch([{ value: 'a', timestamp: 1 }]))
    expect(produced.logAppendTimeMs).toBeGreaterThan(startTime - 1)
    const [record] = await readAll((await get().fetch(topic, 0)).records)
    expect(record?.timestamp).toBe(produced.logAppendTimeMs)
  })

  it('does not stamp otherwise', async () => {
    const topic = await get().topic()
    expect(await get().produce(topic, batch([{ value: 'a' }]))).toMatchObject({ logAppendTimeMs: -1 })
  })

  it('refuses a batch beyond max.message.bytes and takes one below', async () => {
    const topic = await get().topic(1, { 'max.message.bytes': '1000' })
    expect(await get().produce(topic, batch([{ value: 'x'.repeat(2000) }]))).toMatchObject({
      errorCode: errorNumber('MESSAGE_TOO_LARGE'),
    })
    expect(await get().produce(topic, batch([{ value: 'x'.repeat(800) }]))).toMatchObject({
      errorCode: noError,
      baseOffset: 0,
    })
  })

  it('refuses acks that are none', async () => {
    const topic = await get().topic()
    const answer = get().produce(topic, batch([{ value: 'a' }]), 0, 2)
    expect(await answeredCode(answer)).toBe(errorNumber('INVALID_REQUIRED_ACKS'))
  })

  it.each(broken)('refuses a batch %s and appends nothing', async (_name, bytes) => {
    const topic = await get().topic()
    const refused = await answeredCode(get().produce(topic, bytes()))
    expect(refused).toBeDefined()
    expect(refused).not.toBe(noError)
    expect(await get().offsetFor(topic, -1)).toMatchObject({ offset: 0 })
  })
}

/** Batches that arrive twice or too early. */
function sequences(get: GetHarness): void {
  it('gives every producer an id of its own, at epoch 0', async () => {
    const [first, second] = [await get().producerId(), await get().producerId()]
    expect(first?.producerEpoch).toBe(0)
    expect(second?.producerId).not.toBe(first?.producerId)
  })

  it('appends a batch that comes twice once, with the offset of the first', async () => {
    const [topic, producer] = [await get().topic(), await get().producerId()]
    const first = await get().produce(topic, numbered('a', 0, producer, 3))
    expect(await get().produce(topic, numbered('a', 0, producer, 3))).toMatchObject({
      errorCode: noError,
      baseOffset: first.baseOffset,
    })
    expect(await get().values(topic)).toEqual(['a', 'a', 'a'])
  })

  it('knows the last five batches again', async () => {
    const [topic, producer] = [await get().topic(), await get().producerId()]
    for (let sequence = 0; sequence < 6; sequence++)
      await get().produce(topic, numbered(`${sequence}`, sequence, producer))
    for (let sequence = 1; sequence < 6; sequence++) {
      expect(await get().produce(topic, numbered(`${sequence}`, sequence, producer))).toMatchObject({
        errorCode: noError,
        baseOffset: sequence,
      })
    }
    expect(await get().values(topic)).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  it('refuses a gap in the sequence', async () => {
    const [topic, producer] = [await get().topic(), await get().producerId()]
    await get().produce(topic, numbered('a', 0, producer))
    expect(await get().produce(topic, numbered('c', 2, producer))).toMatchObject({
      errorCode: errorNumber('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    })
    expect(await get().produce(topic, numbered('b', 1, producer))).toMatchObject({
      errorCode: noError,
      baseOffset: 1,
    })
  })
}

/** Where numbering starts over. */
function sequencesOfEpochs(get: GetHarness): void {
  it('numbers each partition apart', async () => {
    const [topic, producer] = [await get().topic(2), await get().producerId()]
    await get().produce(topic, numbered('a', 0, producer), 0)
    expect(await get().produce(topic, numbered('b', 0, producer), 1)).toMatchObject({ errorCode: noError })
  })

  it('refuses an older epoch, and a newer one that does not begin at 0', async () => {
    const [topic, { producerId }] = [await get().topic(), await get().producerId()]
    await get().produce(topic, numbered('a', 0, { producerId, producerEpoch: 1 }))
    const older = await get().produce(topic, numbered('b', 1, { producerId, producerEpoch: 0 }))
    expect(older).toMatchObject({ errorCode: errorNumber('INVALID_PRODUCER_EPOCH') })
    const newer = await get().produce(topic, numbered('b', 1, { producerId, producerEpoch: 2 }))
    expect(newer).toMatchObject({ errorCode: errorNumber('OUT_OF_ORDER_SEQUENCE_NUMBER') })
    expect(await get().produce(topic, numbered('b', 0, { producerId, producerEpoch: 2 }))).toMatchObject({
      errorCode: noError,
    })
  })

  it('goes on from 2^31 - 1 to 0', async () => {
    const [topic, producer] = [await get().topic(), await get().producerId()]
    const last = 2 ** 31 - 1
    expect(await get().produce(topic, numbered('a', last - 1, producer, 3))).toMatchObject({ errorCode: noError })
    expect(await get().produce(topic, numbered('b', 1, producer))).toMatchObject({
      errorCode: noError,
      baseOffset: 3,
    })
  })
}
