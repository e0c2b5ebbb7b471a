import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { json } from './serdes.ts'

const context = { topic: 't', field: 'value' } as const
const written = (value: unknown): unknown => json().deserialize(json().serialize(value, context), context)

class Money {
  readonly amount: number

  constructor(amount: number) {
    this.amount = amount
  }
}

describe('JSON', () => {
  it.each([
    [
      'bytes',
      new Uint8Array([1]),
      'value: JSON cannot keep a Uint8Array; define the topic with bytes(), or write them as a string of base64',
    ],
    [
      'a Buffer',
      { image: Buffer.from('x') },
      'value.image: JSON cannot keep a Uint8Array; define the topic with bytes(), or write them as a string of base64',
    ],
    ['bytes of another realm', runInNewContext('new Uint8Array(1)'), /^value: JSON cannot keep a Uint8Array/],
    [
      'an ArrayBuffer',
      [new ArrayBuffer(1)],
      'value[0]: JSON cannot keep an ArrayBuffer; define the topic with bytes()',
    ],
    [
      'a Map',
      { by: { id: new Map([['a', 1]]) } },
      'value.by.id: JSON cannot keep a Map; use Object.fromEntries(map), or [...map]',
    ],
    ['a Set', [{ tags: new Set(['a']) }], 'value[0].tags: JSON cannot keep a Set; use [...set]'],
    ['NaN', { rate: Number.NaN }, 'value.rate: JSON cannot keep number NaN; write it as a string, or null'],
    ['infinity', [1, Number.POSITIVE_INFINITY], /^value\[1\]: JSON cannot keep number Infinity/],
    ['a Number object of NaN', { rate: Object(Number.NaN) as unknown }, /^value\.rate: JSON cannot keep number NaN/],
    ['undefined in a list', { list: [1, undefined] }, 'value.list[1]: JSON cannot keep undefined; leave it out'],
    // oxlint-disable-next-line no-sparse-arrays -- what is tested
    ['a hole in a list', [1, , 2], /^value\[1\]: JSON cannot keep undefined/],
    ['a function', { run: () => 1 }, 'value.run: JSON cannot keep a function; leave it out'],
    ['a symbol', { kind: Symbol('x') }, /^value\.kind: JSON cannot keep a symbol/],
    ['an Error', { cause: new Error('x') }, /^value\.cause: JSON cannot keep an Error; write the parts that you need/],
    ['a regular expression', { match: /x/ }, /^value\.match: JSON cannot keep a RegExp/],
    ['a Promise', { later: Promise.resolve(1) }, /^value\.later: JSON cannot keep a Promise/],
    [
      'a date of no time',
      { at: new Date('never') },
      /^value\.at: JSON cannot keep an invalid Date; give a valid date$/,
    ],
    [
      'what lies in an object of a class',
      { price: Object.assign(new Money(1), { rates: new Map() }) },
      /^value\.price\.rates: /,
    ],
    ['a Blob', { file: new Blob(['x']) }, /^value\.file: JSON cannot keep a Blob/],
    ['a query', new URLSearchParams('a=1'), /^value: JSON cannot keep a URLSearchParams/],
    ['an iterator', { ids: [1].values() }, /^value\.ids: JSON cannot keep an Array Iterator/],
    ['a Map that toJSON returns', { a: { toJSON: () => new Map([['a', 1]]) } }, /^value\.a: JSON cannot keep a Map/],
    ['NaN that toJSON returns', [{ toJSON: () => Number.NaN }], /^value\[0\]: JSON cannot keep number NaN/],
    ['a Date that toJSON returns', { a: { toJSON: () => new Date(0) } }, /^value\.a: JSON cannot keep the Date 1970/],
    [
      'what lies in what toJSON returns',
      { rates: new Map([['a', 1]]), toJSON: () => ({ rates: new Map([['a', 1]]) }) },
      /^value\.rates: JSON cannot keep a Map/,
    ],
    ['nothing', undefined, /undefined cannot be written as JSON/],
    ['a BigInt', { n: 5n }, /BigInt/],
  ])('refuses %s, which it would change', (_, value, message) => {
    expect(() => json().stringify(value, context)).toThrow(message)
  })

  it.each([
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a property that is undefined', { a: 1, b: undefined }, { a: 1 }],
    ['an object of a class', new Money(3), { amount: 3 }],
    ['what says itself how it is written', { id: { toJSON: () => 'x', hidden: new Map() } }, { id: 'x' }],
    ['a class that returns itself', { a: 1, toJSON: () => ({ a: 1, toJSON: () => 2 }) }, { a: 1 }],
    ['an address', { at: new URL('http://x/') }, { at: 'http://x/' }],
    ['text as an object', [Object('x')], ['x']],
    ['a class that does', Object.assign(new Map(), { toJSON: () => [1] }), [1]],
    ['null', null, null],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ])('keeps %s', (_, value, expected) => expect(written(value)).toEqual(expected))

  it('keeps whatever JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(written(value)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
