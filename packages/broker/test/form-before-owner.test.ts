import { gzipSync } from 'node:zlib'
import { codeOf, initProducerId, type KafkaErrorName, produce, UnauthorizedError } from '@kafkado/core'
import { crc32c, recordBatchFieldsAt as fieldsAt, recordBatchHeaderBytes } from '@kafkado/core/internal'
import { batch, rawBatch, rawRecords } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

let engine: EngineUnderTest
beforeEach(() => {
  engine = new EngineUnderTest()
})
afterEach(() => engine.transport.close())

/** What an engine says of bytes that are no batch, or of a batch that no producer may send. */
const ofForm: ReadonlySet<number> = new Set(
  (
    [
      'CORRUPT_MESSAGE',
      'INVALID_RECORD',
      'INVALID_TIMESTAMP',
      'MESSAGE_TOO_LARGE',
      'UNSUPPORTED_COMPRESSION_TYPE',
    ] satisfies KafkaErrorName[]
  ).map(codeOf),
)

const plain = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
const answerTo = async (topic: string, records: Uint8Array, principal?: string): Promise<number | undefined> => {
  const topics = [{ topic, partitions: [{ partition: 0, records }] }]
  const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topics }
  return (await engine.transport.send(produce, request, { principal })).topics[0]?.partitions[0]?.errorCode
}

/** A batch with some of its bytes changed, cut off or continued, whose checksum may be right again. */
const changedBatches = (sound: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      base: fc.constantFrom(...sound),
      changes: fc.array(fc.record({ at: fc.nat(80), to: fc.nat(255) }), { maxLength: 4 }),
      length: fc.option(fc.nat(120), { freq: 4 }),
      isSealed: fc.boolean(),
    })
    .map(({ base, changes, length, isSealed }) => {
      const bytes = new Uint8Array(length ?? base.length)
      bytes.set(base.subarray(0, bytes.length))
      for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to
      if (isSealed && bytes.length >= recordBatchHeaderBytes)
        new DataView(bytes.buffer).setUint32(fieldsAt.crc, crc32c(bytes, fieldsAt.attributes))
      return bytes
    })

it('whatever the decoder refuses is told as that, and never by the producer that its bytes seem to name', async () => {
  const topic = await engine.harness.topic()
  const { producerId, producerEpoch } = await engine.transport.send(initProducerId, plain, { principal: 'a' })
  const of = { producerId, producerEpoch, baseSequence: 0 }
  const packed = rawBatch(gzipSync(rawRecords({})), { attributes: 1, ...of })
  const sound = [batch([{ value: 'v' }], of), packed]
  const anyBytes = fc.oneof(
    fc.constantFrom(...sound),
    { arbitrary: changedBatches([...sound, new Uint8Array(100)]), weight: 5 },
    fc.uint8Array({ maxLength: 130 }),
  )
  const told = { form: 0, owner: 0 }
  await fc.assert(
    fc.asyncProperty(anyBytes, async (records) => {
      const expected = (await answerTo(topic, records)) ?? -1
      const answering = answerTo(topic, records, 'b')
      if (ofForm.has(expected)) {
        told.form++
        expect(await answering).toBe(expected)
      } else {
        // Without a producer, whoever may write may write this.
        const answer = await answering.catch((error: unknown) => error)
        if (answer instanceof UnauthorizedError) told.owner++
        else expect(new DataView(records.buffer, records.byteOffset).getBigInt64(fieldsAt.producerId)).toBeLessThan(0n)
      }
    }),
    { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 500), seed: 21 },
  )
  expect(told.form).toBeGreaterThan(100)
  expect(told.owner).toBeGreaterThan(10)
})
