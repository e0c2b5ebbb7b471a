import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { showTyped, showValue } from './show-value.ts'

const thrown = (): never => {
  throw new Error('code of the value ran')
}
const tag = Symbol.toStringTag
const classNamed = (name: unknown) => Object.create({ constructor: { name }, __proto__: {} }) as object

describe('what a value is', () => {
  it.each<[string, unknown]>([
    ['calls itself a Date', { [tag]: 'Date', valueOf: () => 1 }],
    ['calls itself a Date and has no number', { [tag]: 'Date', [Symbol.toPrimitive]: thrown }],
    ['does not say what it is', Object.defineProperty({}, tag, { get: thrown })],
    ['calls itself something long', { [tag]: 'x'.repeat(100_000), __proto__: { __proto__: {} } }],
    ['is of a class with a long name', classNamed('x'.repeat(100_000))],
    ['is of a class whose name is a symbol', classNamed(Symbol('x'))],
    ['has a getter that throws', Object.defineProperty({}, 'a', { get: thrown, enumerable: true })],
    ['writes itself as JSON', { toJSON: thrown }],
    ['writes itself as undefined', { toJSON: () => undefined }],
    ['is a Proxy that throws', new Proxy({}, { getPrototypeOf: thrown, get: thrown, ownKeys: thrown })],
    ['is a list whose Proxy throws', new Proxy([], { get: thrown })],
    ['is a Proxy that was revoked', revoked()],
    ['contains itself', circular()],
    ['is nested very deep', JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)],
    ['is long', 'x'.repeat(1_000_000)],
    ['is a long list', Array.from({ length: 100_000 }, () => 'x')],
    ['is an endless number', 3n ** 10_000n],
  ])('is told in few characters where it %s', (_, value) => {
    for (const show of [showValue, showTyped]) {
      expect(show(value)).toMatch(/^.{2,80}$/)
    }
  })

  it('is told in few characters, on one line, whatever it is', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        expect(showValue(value)).toMatch(/^.{1,80}$/)
      }),
      { seed: 15 },
    )
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function circular(): object {
  const one: Record<string, unknown> = {}
  one['one'] = one
  return one
}
