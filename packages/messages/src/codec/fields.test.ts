import { describe, expect, it } from 'vitest'
import type { FieldType } from '../fields/field-types.ts'
import {
  array,
  boolean,
  bytes,
  field,
  float64,
  int16,
  int32,
  int64,
  int8,
  nullable,
  string,
  struct,
  uuid,
} from '../fields/fields.ts'
import { messageOf } from '../message.ts'
import { compile } from './compile.ts'
import { MalformedMessage, MessageReader } from './message-reader.ts'
import { MessageWriter } from './message-writer.ts'

const hexOf = (content: Uint8Array): string => Buffer.from(content).toString('hex')
/** A plain Uint8Array: a Buffer compares as another type. */
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const piecesOf = (type: FieldType, value: unknown, isFlexible = true, version = 0): readonly Uint8Array[] =>
  messageOf(compile(type, { version, isFlexible }, 'field')).write(value)
const written = (type: FieldType, value: unknown, isFlexible = true, version = 0): string =>
  hexOf(Buffer.concat(piecesOf(type, value, isFlexible, version)))
const readFrom = (type: FieldType, hex: string, isFlexible = true, version = 0): unknown =>
  messageOf(compile(type, { version, isFlexible }, 'field')).read(bytesOf(hex))

/** A name, a type, a value, its bytes in flexible versions, and in the others. */
type Golden = readonly [what: string, type: FieldType, value: unknown, flexible: string, classic: string]
const golden = (what: string, type: FieldType, value: unknown, flexible: string, classic = flexible): Golden => [
  what,
  type,
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
    golden('float64', float64, 0.5, '3fe0000000000000'),
    golden('boolean', boolean, true, '01'),
    golden('boolean', boolean, false, '00'),
    golden('string', string, 'abc', '04616263', '0003616263'),
    golden('empty string', string, '', '01', '0000'),
    golden('string of longer letters', string, 'ü€😀', '0ac3bce282acf09f9880', '0009c3bce282acf09f9880'),
    golden('string that begins with a byte order mark', string, '\uFEFFa', '05efbbbf61', '0004efbbbf61'),
    golden('string of 126 bytes', string, 'a'.repeat(126), `7f${'61'.repeat(126)}`, `007e${'61'.repeat(126)}`),
    golden('string of 127 bytes', string, 'a'.repeat(127), `8001${'61'.repeat(127)}`, `007f${'61'.repeat(127)}`),
    golden('missing string', nullable(string), null, '00', 'ffff'),
    golden('string that is not missing', nullable(string), 'a', '0261', '000161'),
    golden('bytes', bytes, Uint8Array.of(1, 2), '030102', '000000020102'),
    golden('no bytes', bytes, new Uint8Array(0), '01', '00000000'),
    golden('missing bytes', nullable(bytes), null, '00', 'ffffffff'),
    golden('array', array(int8), [1, 2, 3], '04010203', '00000003010203'),
    golden('empty array', array(int8), [], '01', '00000000'),
    golden('missing array', nullable(array(int8)), null, '00', 'ffffffff'),
    golden('array that is not missing', nullable(array(string)), ['a', ''], '03026101', '000000020001610000'),
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
  ])('%s is written and read by its bytes', (_, type, value, flexible, classic) => {
    expect(written(type, value)).toBe(flexible)
    expect(written(type, value, false)).toBe(classic)
    expect(readFrom(type, flexible)).toEqual(value)
    expect(readFrom(type, classic, false)).toEqual(value)
  })

  it.each([
    ['0020000000000000', '2^53'],
    ['ffe0000000000000', '-2^53'],
    ['7fffffffffffffff', 'the greatest'],
    ['8000000000000000', 'the least'],
  ])('of 64 bits that a number cannot hold is refused when it is read: %s, %s', (hex) => {
    expect(() => readFrom(int64, hex)).toThrow(MalformedMessage)
  })

  it.each<[string, FieldType, unknown]>([
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
  ])('of type %s is not cut to fit when it is written', (_, type, value) => {
    expect(() => written(type, value)).toThrow()
  })

  it('is refused as text when its length does not fit into 16 bits', () => {
    expect(() => written(string, 'a'.repeat(32_768), false)).toThrow()
    expect(written(string, 'a'.repeat(32_767), false).slice(0, 4)).toBe('7fff')
  })

  it.each<[string, FieldType]>([
    ['string', string],
    ['bytes', bytes],
    ['array', array(int8)],
  ])('of type %s that must be there is refused when it is not', (_, type) => {
    expect(() => readFrom(type, '00')).toThrow(MalformedMessage)
    expect(() => readFrom(type, 'ffffffff', false)).toThrow(MalformedMessage)
  })

  it('of bytes is a view of what was read, and long ones are not copied when they are written', () => {
    const answer = Uint8Array.of(4, 1, 2, 3)
    const codec = messageOf<Uint8Array, unknown>(compile(bytes, { version: 0, isFlexible: true }, 'field'))
    expect(codec.read(answer).buffer).toBe(answer.buffer)
    const long = new Uint8Array(1024).fill(7)
    const pieces = piecesOf(struct({ before: int8, long: bytes, after: int8 }), { before: 1, long, after: 2 })
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
    const writer = new MessageWriter()
    writer.unsignedVarint(value)
    expect(hexOf(Buffer.concat(writer.finish()))).toBe(hex)
    expect(new MessageReader(bytesOf(hex)).unsignedVarint()).toBe(value)
  })

  it('that does not end is refused, and one of which a part is missing', () => {
    for (const hex of ['808080808001', 'ffffffffffff', '80', ''])
      expect(() => new MessageReader(bytesOf(hex)).unsignedVarint()).toThrow(MalformedMessage)
  })
})

describe('tagged fields', () => {
  const tagged = struct({
    number: int8,
    third: field(array(string), { tag: 3 }),
    first: field(int16, { tag: 0, default: -1 }),
  })
  const none = { number: 1, first: -1, third: [] }

  it.each([
    ['none', '01 00', none],
    ['one that is known', '01 01 00 02 0007', { ...none, first: 7 }],
    ['all that are known', '01 02 00 02 0007 03 03 020261', { number: 1, first: 7, third: ['a'] }],
  ])('%s, read and written by ascending tags', (_, hex, value) => {
    const around = struct({ tagged, after: int8 })
    expect(readFrom(around, `${hex} 09 00`)).toEqual({ tagged: value, after: 9 })
    expect(written(around, { tagged: value, after: 9 })).toBe(`${hex} 09 00`.replaceAll(' ', ''))
  })

  it.each([
    ['one that is not known', '01 01 05 03 aabbcc', none],
    ['an empty one that is not known', '01 01 05 00', none],
    [
      'known ones and others',
      '01 04 00 02 0007 01 01 ff 03 03 020261 ac02 02 0000',
      { number: 1, first: 7, third: ['a'] },
    ],
  ])('%s, which are passed over', (_, hex, value) => {
    expect(readFrom(struct({ tagged, after: int8 }), `${hex} 09 00`)).toEqual({ tagged: value, after: 9 })
  })

  it('need not be given', () => {
    expect(written(tagged, { number: 1 })).toBe('0100')
  })

  it.each(['01 01 00 03 000700', '01 01 00 01 0007', '01 01 03 02 020261'])(
    'that do not take the bytes that they are said to have are refused: %s',
    (hex) => {
      expect(() => readFrom(tagged, `${hex} 00 00 00`)).toThrow(MalformedMessage)
    },
  )

  it('are not there in versions that are not flexible', () => {
    expect(readFrom(struct({ tagged, after: int8 }), '01 09', false)).toEqual({ tagged: none, after: 9 })
  })

  it('that are longer than what is left are refused', () => {
    expect(() => readFrom(tagged, '01 01 05 04 aabbcc')).toThrow(MalformedMessage)
    expect(() => readFrom(tagged, '01 05 05 00')).toThrow(MalformedMessage)
  })
})

describe('lengths beyond what there is', () => {
  it.each([
    ['a string', string, 'ffffffff07 61', '7fff61'],
    ['bytes', bytes, 'ffffffff0f 61', '7fffffff61'],
    ['an array', array(int8), 'ffffffff7f 61', '7fffffff61'],
    ['an array of arrays', array(array(array(int8))), '04 04 04 01 02 03', '00000001 00000001 00000002 01'],
  ])('of %s are refused, without anything of that size being made', (_, type, flexible, classic) => {
    expect(() => readFrom(type as FieldType, flexible)).toThrow(MalformedMessage)
    expect(() => readFrom(type as FieldType, classic, false)).toThrow(MalformedMessage)
  })

  it('of elements are compared with what the elements take at least', () => {
    const pair = struct({ number: int64, name: string })
    expect(() => readFrom(array(pair), `03 ${'00'.repeat(19)}`)).toThrow(
      "the field 'field' has 2 elements, which do not fit into the 19 bytes that are left",
    )
    expect(readFrom(array(pair), `03 ${'00'.repeat(8)} 01 00 ${'00'.repeat(8)} 01 00`)).toHaveLength(2)
  })
})

describe('a field of some versions', () => {
  const versioned = struct({
    always: int8,
    old: field(int8, { until: 1, default: 7 }),
    later: field(string, { since: 2, ignorable: true }),
    parts: field(array(struct({ number: int8, more: field(int8, { since: 3 }) })), { since: 1 }),
  })

  it.each([
    [0, { always: 1, old: 2 }, '01 02', { always: 1, old: 2, later: '', parts: [] }],
    [
      1,
      { always: 1, parts: [{ number: 5 }] },
      '01 07 00000001 05',
      { always: 1, old: 7, later: '', parts: [{ number: 5, more: 0 }] },
    ],
    [2, { always: 1, later: 'a', parts: [] }, '01 000161 00000000', { always: 1, old: 7, later: 'a', parts: [] }],
    [
      3,
      { always: 1, parts: [{ number: 5, more: 6 }] },
      '01 0000 00000001 05 06',
      { always: 1, old: 7, later: '', parts: [{ number: 5, more: 6 }] },
    ],
  ])('is there in those alone, and its default in the others: version %d', (version, value, hex, read) => {
    expect(written(versioned, value, false, version)).toBe(hex.replaceAll(' ', ''))
    expect(readFrom(versioned, hex, false, version)).toEqual(read)
  })

  it('is not lost without a word, unless that is said', () => {
    expect(() => written(versioned, { always: 1, old: 2, parts: [] }, false, 2)).toThrow(
      "version 2 of the message has no field 'old'",
    )
    expect(() => written(versioned, { always: 1, parts: [{ number: 1 }] }, false, 0)).toThrow("no field 'parts'")
    expect(written(versioned, { always: 1, old: 7, parts: [] }, false, 0)).toBe('0107')
    expect(written(versioned, { always: 1, old: 2, later: 'gone' }, false, 0)).toBe('0102')
  })

  it.each<[string, FieldType, string, string]>([
    ['a string', nullable(string, { since: 2, until: 3 }), 'ffff', '0000'],
    ['bytes', nullable(bytes, { since: 2, until: 3 }), 'ffffffff', '00000000'],
    ['an array', nullable(array(int8), { since: 2, until: 3 }), 'ffffffff', '00000000'],
  ])('may be null in some versions: %s', (_, type, none, empty) => {
    for (const version of [2, 3]) {
      expect(written(type, null, false, version)).toBe(none)
      expect(readFrom(type, none, false, version)).toBeNull()
    }
    for (const version of [1, 4]) {
      expect(() => written(type, null, false, version)).toThrow("the field 'field' must not be null in this version")
      expect(() => readFrom(type, none, false, version)).toThrow(MalformedMessage)
      expect(readFrom(type, empty, false, version)).toHaveLength(0)
    }
  })

  it('has to be given where nothing stands for it', () => {
    expect(() => written(struct({ name: string }), {})).toThrow("the field 'name' is missing")
    expect(() => written(struct({ number: int8 }), {})).toThrow("the field 'number' is missing")
  })
})
