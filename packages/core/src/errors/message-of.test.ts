import { expect, it } from 'vitest'
import { messageOf } from './message-of.ts'
import { errorOfThrown, thrownMessageOf } from './thrown-message.ts'

const withoutText = 'something was thrown that has no form as text'
const throwing = (): never => {
  throw new Error('inner')
}
const field = (name: string, value: unknown): Error => Object.assign(new Error('outer'), { [name]: value })

/** What user code may throw, and what there is to say of it. */
const thrown: [what: string, make: () => unknown, message: string][] = [
  ['an error', () => new RangeError('too far'), 'too far'],
  ['a text', () => 'too far', 'too far'],
  ['nothing', () => undefined, 'undefined'],
  ['null', () => null, 'null'],
  ['a symbol', () => Symbol('far'), 'Symbol(far)'],
  ['an object without a prototype', () => Object.create(null), withoutText],
  ['an object that cannot be shown', () => ({ toString: throwing }), withoutText],
  ['an error with a function for a message', () => field('message', () => 1), '() => 1'],
  ['an error with an object for a message', () => field('message', Object.create(null)), withoutText],
  ['an error with a symbol for a name', () => field('name', Symbol('n')), 'outer'],
  ['an error with an object for a name', () => field('name', Object.create(null)), 'outer'],
  ['an error with a function for a stack', () => field('stack', () => 1), 'outer'],
  ['an error whose cause has no form as text', () => field('cause', Object.create(null)), 'outer'],
  ['an error whose stack throws', () => Object.defineProperty(new Error('outer'), 'stack', { get: throwing }), 'outer'],
  ['an error that refuses everything', () => new Proxy(new Error(), { get: throwing }), withoutText],
]

it.each(thrown)('%s says what it can, here and in another thread', (_what, make, message) => {
  expect(messageOf(make())).toBe(message)
  expect(errorOfThrown(structuredClone(thrownMessageOf(make()))).message).toBe(message)
})
