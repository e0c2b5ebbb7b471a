import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidRequestError, KafkaError } from '../../errors/kafka-error.ts'
import { RecordBatchBuilder } from '../record-batch-builder.ts'
import { readRecordBatchHeader, verifyChecksum } from './read-record-batch-header.ts'
import { readHeaders } from '../read-headers.ts'
import { recordBatchesIn, unpackRecordBatch } from '../record-batch-reader.ts'
import { readRecords } from '../record-walk.ts'
import { headerList, isBytes, type RecordContent } from './record-content.ts'

const utf8 = (content: string | Uint8Array | null): number[] | null =>
  content === null ? null : [...(typeof content === 'string' ? new TextEncoder().encode(content) : content)]

function detached(): Uint8Array {
  const bytes = new Uint8Array([1, 2, 3])
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }))
const content = fc.oneof(fc.constant(null), text, fc.uint8Array({ maxLength: 40 }))
const good = fc.record({
  timestamp: fc.maxSafeNat(),
  key: content,
  value: content,
  headers: fc.array(fc.tuple(text, content), { maxLength: 3 }),
})

/** Values that a record cannot hold, whatever their type says. */
const garbage = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    Number.NaN,
    true,
    {},
    [],
    new Map(),
    new Date(),
    Symbol('x'),
    5n,
    'half \ud800 of a pair',
  ),
  fc.constantFrom<unknown>(new ArrayBuffer(4), new Float64Array(2), new DataView(new ArrayBuffer(4)), () => 1),
  fc.constantFrom<unknown>(Promise.resolve('x'), { length: 3 }, ['x', 'y'], new Uint8ClampedArray(3)),
  fc.constant(null).map(detached),
)
const anyField = fc.oneof(
  good.chain((record) =>
    fc
      .record({ field: fc.constantFrom('key', 'value'), wrong: garbage })
      .map(({ field, wrong }) => ({ ...record, [field]: wrong })),
  ),
  good.chain((record) => garbage.map((wrong) => ({ ...record, headers: [...record.headers, ['bad', wrong]] }))),
  good.chain((record) => garbage.map((wrong) => ({ ...record, headers: [[wrong, 'bad']] }))),
  good.chain((record) =>
    fc
      .constantFrom<unknown>(null, undefined, Number.NaN, 1.5, '5', 2 ** 60, new Date(), 5n)
      .map((timestamp) => ({ ...record, timestamp })),
  ),
) as fc.Arbitrary<unknown> as fc.Arbitrary<RecordContent>

async function readBack(bytes: Uint8Array): Promise<object[]> {
  const records: object[] = []
  for (const { header, batch } of recordBatchesIn(bytes)) {
    readRecords(
      await unpackRecordBatch(batch, header),
      (data, _offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
        records.push({
          timestamp,
          key: keyStart < 0 ? null : [...data.subarray(keyStart, keyEnd)],
          value: valueStart < 0 ? null : [...data.subarray(valueStart, valueEnd)],
          headers: readHeaders(data, headersStart, count).map(([name, value]) => [name, utf8(value)]),
        })
      },
    )
  }
  return records
}

describe('a batch that is given what is no record', () => {
  it('refuses it alone: what was written before and after it is read back', async () => {
    const steps = fc.array(
      fc.oneof(
        good.map((record) => ({ record, isGood: true })),
        anyField.map((record) => ({ record, isGood: false })),
      ),
      { maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (records) => {
        const builder = new RecordBatchBuilder(64)
        for (const { record, isGood } of records) {
          const before = [builder.count, builder.sizeInBytes]
          if (isGood) builder.append(record)
          else {
            expect(() => builder.append(record)).toThrow()
            expect([builder.count, builder.sizeInBytes]).toEqual(before)
          }
        }
        const written = records.filter(({ isGood }) => isGood).map(({ record }) => record)
        const batch = await builder.build()
        const header = readRecordBatchHeader(batch)
        verifyChecksum(batch, header)
        expect(header.recordsCount).toBe(written.length)
        if (written.length === 0) return
        expect(await readBack(batch)).toEqual(
          written.map(({ timestamp, key, value, headers }) => ({
            timestamp,
            key: utf8(key),
            value: utf8(value),
            headers: headers.map(([name, header]) => [name, utf8(header)]),
          })),
        )
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['a key', { key: 7 }, /^the key must be a string, bytes \(a Uint8Array\) or null, got number 7$/],
    ['a value', { value: undefined }, /^the value must be .*, got undefined$/],
    [
      'a header',
      { headers: [['trace', new Date(0)]] },
      /^the header 'trace' must be .*, got the Date 1970-01-01T00:00:00.000Z$/,
    ],
    ['the name of a header', { headers: [[5, 'x']] }, /^the name of a header must be a string, got number 5$/],
    ['null as a time', { timestamp: null }, /^timestamp null is not a whole number/],
    ['a BigInt as a time', { timestamp: 5n }, /^timestamp 5 is not a whole number/],
  ])('says what is wrong with %s', (_, wrong, message) => {
    const record = { timestamp: 0, key: null, value: null, headers: [], ...wrong } as unknown as RecordContent
    const append = (): void => new RecordBatchBuilder().append(record)
    expect(append).toThrow(message)
    expect(append).toThrow(InvalidRequestError)
  })

  it('refuses a time too far from the first one of the batch, which could not be told exactly', () => {
    const builder = new RecordBatchBuilder()
    const at = (timestamp: number): RecordContent => ({ timestamp, key: null, value: null, headers: [] })
    builder.append(at(Number.MIN_SAFE_INTEGER))
    expect(() => builder.append(at(Number.MAX_SAFE_INTEGER))).toThrow(KafkaError)
  })
})

describe('headers', () => {
  it.each([
    [
      'an object',
      { a: '1', b: new Uint8Array([2]) },
      [
        ['a', '1'],
        ['b', new Uint8Array([2])],
      ],
    ],
    [
      'a list, where names repeat',
      [
        ['a', '1'],
        ['a', null],
      ],
      [
        ['a', '1'],
        ['a', null],
      ],
    ],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: '1' }), [['a', '1']]],
    ['an object of another realm', runInNewContext('({ a: "1" })') as object, [['a', '1']]],
    ['nothing', undefined, []],
  ])('are taken as %s', (_, given, expected) => expect(headerList(given)).toEqual(expected))

  it.each([
    ['a Map', new Map([['a', '1']]), /^headers must be an object of names or a list of \[name, value\], got a Map$/],
    ['those of fetch', new Headers({ a: '1' }), /got a Headers$/],
    ['a string', 'a=1', /got "a=1"$/],
    ['a number', 5, /got number 5$/],
    ['a list of names', ['a'], /^header 0 of the list must be \[name, value\]/],
    ['a pair without a value', [['a']], /^header 0 of the list/],
    ['a value that is undefined', { 'trace-id': undefined }, /^the header 'trace-id' must be .* got undefined$/],
    ['a value that is a list', { 'trace-id': ['x'] }, /^the header 'trace-id' must be .* got \["x"\]$/],
    ['a name that is none', [[1, 'x']], /with a string for its name/],
  ])('are refused as %s', (_, given, message) => expect(() => headerList(given)).toThrow(message))
})

it('takes bytes of any realm, and nothing that only looks like them', () => {
  expect([new Uint8Array(1), Buffer.from('x'), runInNewContext('new Uint8Array(2)')].map(isBytes)).toEqual([
    true,
    true,
    true,
  ])
  expect([new Uint16Array(1), new ArrayBuffer(1), [1], { length: 1 }, 'x'].map(isBytes)).toEqual(Array(5).fill(false))
})
