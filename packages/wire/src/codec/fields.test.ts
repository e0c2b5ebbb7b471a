import { describe, expect, it } from 'vitest'
import { bytesOf, encoded } from '../../test/wire-frames.ts'
import {
  array,
  boolean,
  bytes,
  type Field,
  int16,
  int32,
  int64,
  int8,
  nullable,
  nullableArray,
  nullableBytes,
  nullableString,
  string,
  struct,
  uuid,
} from './fields.ts'
import { RequestWriter } from './request-writer.ts'
import { MalformedResponse, ResponseReader } from './response-reader.ts'

const hexOf = (content: Uint8Array): string => Buffer.from(content).toString('hex')
const written = <T>(field: Field<T>, value: T, isFlexible = true): string =>
  hexOf(encoded(isFlexible, (writer) => field.write(writer, value)))
const readFrom = <T>(field: Field<T>, hex: string, isFlexible = true): T =>
  field.read(new ResponseReader(bytesOf(hex), isFlexible))

/** What it is, its field, a value, its bytes in flexible versions, and in the others. */
type Golden = readonly [what: string, field: Field<unknown>, value: unknown, flexible: string, classic: string]
const golden = <T>(what: string, field: Field<T>, value: T, flexible: string, classic = flexible): Golden => [
  what,
  field,
  value,
  flexible,
  classic,
]

const pair = struct({ number: int16, text: string })

describe('a field', () => {
  it.each<Golden>([
    golden('int8', int8, -128, '80'),
    golden('int8', int8, 127, '7f'),
    golden('int16', int16, -2, 'fffe'),
    golden('int16', int16, 32_767, '7fff'),
    golden('int32', int32, -(2 ** 31), '80000000'),
    golden('int32', int32, 2 ** 31 - 1, '7fffffff'),
    golden('int64', int64, 0, '0000000000000000'),
    golden('int64', int64, -1, 'ffffffffffffffff'),
    golden('int64', int64, 2 ** 32, '0000000100000000'),
    golden('int64', int64, -(2 ** 32), 'ffffffff00000000'),
    golden('int64', int64, 2 ** 53 - 1, '001fffffffffffff'),
    golden('int64', int64, -(2 ** 53) + 1, 'ffe0000000000001'),
    golden('boolean', boolean, true, '01'),
    golden('boolean', boolean, false, '00'),
    golden('string', string, 'abc', '04616263', '0003616263'),
    golden('empty string', string, '', '01', '0000'),
    golden('string of two, three and four bytes', string, 'ü€😀', '0ac3bce282acf09f9880', '0009c3bce282acf09f9880'),
    golden('string that begins with a byte order mark', string, '\uFEFFa', '05efbbbf61', '0004efbbbf61'),
    golden('string of 126 bytes', string, 'a'.repeat(126), `7f${'61'.repeat(126)}`, `007e${'61'.repeat(126)}`),
    golden('string of 127 bytes', string, 'a'.repeat(127), `8001${'61'.repeat(127)}`, `007f${'61'.repeat(127)}`),
    golden('missing string', nullableString, null, '00', 'ffff'),
    golden('string that is not missing', nullableString, 'a', '0261', '000161'),
    golden('bytes', bytes, Uint8Array.of(1, 2), '030102', '000000020102'),
    golden('no bytes', bytes, new Uint8Array(0), '01', '00000000'),
    golden('missing bytes', nullableBytes, null, '00', 'ffffffff'),
    golden('array', array(int8), [1, 2, 3], '04010203', '00000003010203'),
    golden('empty array', array(int8), [], '01', '00000000'),
    golden('missing array', nullableArray(int8), null, '00', 'ffffffff'),
    golden('array that is not missing', nullableArray(string), ['a', ''], '03026101', '000000020001610000'),
    golden(
      'uuid',
      uuid,
      '12345678-9abc-def0-0fed-cba987654321',
      '123456789abcdef00fedcba987654321',
      '123456789abcdef00fedcba987654321',
    ),
    golden('no uuid', uuid, null, '0'.repeat(32)),
    golden('structure', pair, { number: 1, text: 'a' }, '0001026100', '0001000161'),
    golden('missing structure', nullable(pair), null, 'ff'),
    golden('structure that is not missing', nullable(pair), { number: 1, text: 'a' }, '010001026100', '010001000161'),
    golden(
      'array of structures, each with its tagged fields',
      array(pair),
      [
        { number: 1, text: '' },
        { number: 2, text: '' },
      ],
      '03000101000002' + '0100',
      '00000002000100000002' + '0000',
    ),
  ])('%s is written and read by its bytes', (_, field, value, flexible, classic) => {
    expect(written(field, value)).toBe(flexible)
    expect(written(field, value, false)).toBe(classic)
    expect(readFrom(field, flexible)).toEqual(value)
    expect(readFrom(field, classic, false)).toEqual(value)
  })

  it.each([
    ['0020000000000000', '2^53'],
    ['ffe0000000000000', '-2^53'],
    ['7fffffffffffffff', 'the greatest'],
    ['8000000000000000', 'the least'],
  ])('of 64 bits that a number cannot hold is refused when it is read: %s, %s', (hex) => {
    expect(() => readFrom(int64, hex)).toThrow(MalformedResponse)
  })

  it.each<[string, Field<unknown>, unknown]>([
    ['int8', int8, 128],
    ['int8', int8, -129],
    ['int16', int16, 65_535],
    ['int32', int32, 2 ** 31],
    ['int32', int32, Number.MAX_SAFE_INTEGER],
    ['int32', int32, Number.POSITIVE_INFINITY],
    ['int32', int32, Number.NaN],
    ['int32', int32, 0.5],
    ['int64', int64, 2 ** 63],
    ['int64', int64, -(2 ** 64)],
  ])('of type %s is not cut to fit when it is written', (_, field, value) => {
    expect(() => written(field, value)).toThrow()
  })

  it('is refused as text when its length does not fit into 16 bits', () => {
    expect(() => written(string, 'a'.repeat(32_768), false)).toThrow()
    expect(written(string, 'a'.repeat(32_767), false).slice(0, 4)).toBe('7fff')
  })

  it.each<[string, Field<unknown>]>([
    ['string', string],
    ['bytes', bytes],
    ['array', array(int8)],
  ])('of type %s that must be there is refused when it is not', (_, field) => {
    expect(() => readFrom(field, '00')).toThrow(MalformedResponse)
    expect(() => readFrom(field, 'ffffffff', false)).toThrow(MalformedResponse)
  })

  it('of bytes is a view of what was read, and long ones are not copied when they are written', () => {
    const answer = Uint8Array.of(4, 1, 2, 3)
    expect(bytes.read(new ResponseReader(answer, true)).buffer).toBe(answer.buffer)
    const long = new Uint8Array(1024).fill(7)
    const writer = new RequestWriter(true)
    struct({ before: int8, long: bytes, after: int8 }).write(writer, { before: 1, long, after: 2 })
    const pieces = writer.finish()
    expect(pieces).toContain(long)
    expect(hexOf(Buffer.concat(pieces))).toBe(`018108${'07'.repeat(1024)}0200`)
  })
})

describe('an unsigned varint', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [2 ** 21 - 1, 'ffff7f'],
    [2 ** 21, '80808001'],
    [2 ** 28 - 1, 'ffffff7f'],
    [2 ** 28, '8080808001'],
    [2 ** 31 - 1, 'ffffffff07'],
    [2 ** 31, '8080808008'],
    [2 ** 32 - 1, 'ffffffff0f'],
  ])('%d is %s', (value, hex) => {
    expect(hexOf(encoded(true, (writer) => writer.unsignedVarint(value)))).toBe(hex)
    expect(new ResponseReader(bytesOf(hex), true).unsignedVarint()).toBe(value)
  })

  it('that does not end is refused, and one of which a part is missing', () => {
    for (const hex of ['808080808001', 'ffffffffffff', '80', ''])
      expect(() => new ResponseReader(bytesOf(hex), true).unsignedVarint()).toThrow(MalformedResponse)
  })
})

describe('tagged fields', () => {
  const tagged = struct({ number: int8 }, { first: [0, int16], third: [3, array(string)] })

  it.each([
    ['none', '01 00', { number: 1 }],
    ['one that is known', '01 01 00 02 0007', { number: 1, first: 7 }],
    ['all that are known', '01 02 00 02 0007 03 03 020261', { number: 1, first: 7, third: ['a'] }],
    ['one that is not known', '01 01 05 03 aabbcc', { number: 1 }],
    ['an empty one that is not known', '01 01 05 00', { number: 1 }],
    [
      'known ones and others',
      '01 04 00 02 0007 01 01 ff 03 03 020261 ac02 02 0000',
      { number: 1, first: 7, third: ['a'] },
    ],
  ])('%s', (_, hex, value) => {
    expect(readFrom(struct({ tagged, after: int8 }), `${hex} 09 00`)).toEqual({ tagged: value, after: 9 })
  })

  it('are not there in versions that are not flexible', () => {
    expect(readFrom(struct({ tagged, after: int8 }), '01 09', false)).toEqual({ tagged: { number: 1 }, after: 9 })
  })

  it('that are longer than what is left are refused', () => {
    expect(() => readFrom(tagged, '01 01 05 04 aabbcc')).toThrow(MalformedResponse)
    expect(() => readFrom(tagged, '01 05 05 00')).toThrow(MalformedResponse)
  })
})

describe('lengths beyond what there is', () => {
  it.each([
    ['a string', string, 'ffffffff07 61', '7fff61'],
    ['bytes', bytes, 'ffffffff0f 61', '7fffffff61'],
    ['an array', array(int8), 'ffffffff7f 61', '7fffffff61'],
    ['an array of arrays', array(array(array(int8))), '04 04 04 01 02 03', '00000001 00000001 00000002 01'],
  ])('of %s are refused, without anything of that size being made', (_, field, flexible, classic) => {
    expect(() => readFrom(field as Field<unknown>, flexible)).toThrow(MalformedResponse)
    expect(() => readFrom(field as Field<unknown>, classic, false)).toThrow(MalformedResponse)
  })
})
