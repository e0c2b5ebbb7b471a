import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { InvalidRequestError } from '../../errors/kafka-error.ts'
import { createTopics, deleteRecords, offsetCommit } from '../../protocol/index.ts'
import type { CreateTopicsRequest } from '../../protocol/19-create-topics.ts'
import type { AnyOperation } from '../../protocol/operation.ts'
import { allOperations, schemasOf } from '../../protocol/operation-schemas.ts'
import type { Schema } from '../../schema/schema.ts'
import { checkRequest, parseRequest } from './request-check.ts'

class List extends Array<unknown> {}
class Guarded {
  get topic() {
    return 'orders'
  }
}

/**
 * Replaces any field: values of other types, numbers next to the limits of every integer size, misleading objects, and
 * large values.
 */
const garbage = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'x',
  '4',
  '\ud800',
  '01234567-89ab-cdef-0123-456789abcdef\n',
  'x'.repeat(100_000),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  -1,
  0,
  -0,
  1.5,
  ...[2 ** 15, 2 ** 31, 2 ** 53].flatMap((end) => [end - 1, end, -end, -end - 1]),
  5n,
  2n ** 1000n,
  true,
  Symbol('x'),
  () => 1,
  Object(1),
  Object('x'),
  Object(true),
  new Date(0),
  new Date(Number.NaN),
  [],
  [undefined],
  // oxlint-disable-next-line no-sparse-arrays -- a hole is no element
  [, 1],
  Array.from({ length: 10_000 }, () => 0),
  List.from([1, {}]),
  new Proxy([1], {}),
  new Proxy({}, {}),
  {},
  { length: 1, 0: 'x' },
  Object.create(null),
  Object.create({ topic: 'inherited', topics: [], partition: 0 }),
  JSON.parse('{"__proto__":{"topic":"own","topics":[],"partition":0}}'),
  JSON.parse('{"constructor":{"prototype":{"topic":"x"}}}'),
  JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`),
  new Guarded(),
  new Map(),
  new Uint8Array(1),
  Buffer.from('x'),
  new Uint16Array(1),
  new Uint8ClampedArray(1),
  new DataView(new ArrayBuffer(1)),
  new ArrayBuffer(1),
)

/** Any value of a schema. */
function valueOf({ form }: Schema): fc.Arbitrary<unknown> {
  switch (form.type) {
    case 'object':
      return fc.record(Object.fromEntries(Object.entries(form.shape).map(([name, field]) => [name, valueOf(field)])))
    case 'array':
      return fc.array(valueOf(form.element), { maxLength: 3 })
    case 'nullable':
      return fc.oneof(fc.constant(null), valueOf(form.inner))
    case 'optional':
      return fc.oneof(fc.constant(undefined), valueOf(form.inner))
    case 'string':
      return fc.string({ maxLength: 5 })
    case 'uuid':
      return fc.uuid()
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
    case 'choice':
      return fc.constantFrom(...form.values)
    case 'bytes':
      return fc.constant(new Uint8Array(3))
  }
}

/** The same schema in zod, which independently decides what matches and how it is read. */
function zodOf({ form }: Schema): z.ZodMiniType {
  switch (form.type) {
    case 'object':
      return z.object(Object.fromEntries(Object.entries(form.shape).map(([name, field]) => [name, zodOf(field)])))
    case 'array':
      return z.array(zodOf(form.element))
    case 'nullable':
      return z.nullable(zodOf(form.inner))
    case 'optional':
      return z.optional(zodOf(form.inner))
    case 'string':
      return z.string()
    case 'uuid':
      return z.guid()
    case 'boolean':
      return z.boolean()
    case 'integer':
      return z.int().check(z.minimum(form.minimum), z.maximum(form.maximum))
    case 'choice':
      return z.enum(form.values)
    case 'bytes':
      return z.instanceof(Uint8Array)
  }
}

/** The places where a value can be changed: the paths to everything in it. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [path]
  return [path, ...Object.entries(value).flatMap(([name, field]) => pathsIn(field, [...path, name]))]
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return by
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>
  copy[name] = replaced(copy[name], rest, by)
  return copy
}

/** Operations that refuse a repeated element by itself. */
const oneByOne = ['createTopics', 'deleteTopics', 'createPartitions', 'incrementalAlterConfigs']

/** Whether a valid request names an element more than once, found the slow way. */
function hasRepetition({ name, elements }: AnyOperation, request: unknown): boolean {
  if (name === 'createTopics' && hasRepeatedSetting(request as CreateTopicsRequest)) return true
  if (!elements || oneByOne.includes(name)) return false
  const list = (request as Record<string, unknown>)[elements.asked] as readonly unknown[] | null
  const named = (list ?? []).flatMap((entry) => {
    if (typeof entry === 'string') return [entry]
    const { topic, resourceName, partitions } = entry as Record<string, unknown>
    if (!Array.isArray(partitions)) return [topic ?? resourceName]
    return partitions.map((one: unknown) =>
      JSON.stringify([topic, typeof one === 'number' ? one : (one as { partition: number }).partition]),
    )
  })
  return named.some((one, index) => named.indexOf(one) < index)
}

/** A repeated topic is refused by itself, but a setting that one topic has twice refuses the request. */
function hasRepeatedSetting({ topics }: CreateTopicsRequest): boolean {
  return topics.some(({ configs }) => new Set(configs.map(({ name }) => name)).size < configs.length)
}

/** Unknown fields, in forms that JSON allows. */
const strangers = Object.entries(
  JSON.parse('{"__proto__":{"polluted":true},"constructor":null,"stranger":1}') as object,
)

/** Adds unknown fields to each object. */
function withStrangers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withStrangers)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const fields = Object.entries(value).map(([name, field]) => [name, withStrangers(field)] as const)
  return Object.fromEntries([...fields, ...strangers])
}

/** Expects every object to have only the fields of its schema and a plain prototype. */
function expectPlain(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  expect(Object.getPrototypeOf(value)).toBe(Array.isArray(value) ? Array.prototype : Object.prototype)
  for (const field of Object.values(value)) expectPlain(field)
}

describe('requests are checked', () => {
  it.each(allOperations.map((operation) => [operation.name, operation] as const))('%s as zod does', (_, operation) => {
    const { request } = schemasOf(operation)
    const inZod = zodOf(request)
    const cases = valueOf(request).chain((value) => {
      const change = fc.record({ path: fc.constantFrom(...pathsIn(value)), by: garbage })
      return fc.record({ value: fc.constant(value), changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
    })
    fc.assert(
      fc.property(cases, ({ value, changes }) => {
        const first = expect(() => checkRequest(operation, value))
        if (hasRepetition(operation, value)) first.toThrow(/ more than once$/)
        else first.not.toThrow()
        let changed = value
        // The longest paths first: a replaced value has lost everything inside it.
        for (const { path, by } of changes.toSorted((one, other) => other.path.length - one.path.length))
          changed = replaced(changed, path, by)
        let refusal: unknown
        try {
          checkRequest(operation, changed)
        } catch (error) {
          refusal = error
        }
        const byZod = inZod.safeParse(changed)
        const isRight = byZod.success && !hasRepetition(operation, changed)
        expect(refusal === undefined).toBe(isRight)
        if (refusal === undefined) {
          const read = parseRequest(operation, withStrangers(changed))
          expect(read).toEqual(byZod.data)
          expectPlain(read)
          return
        }
        expect(refusal).toBeInstanceOf(InvalidRequestError)
        expect(refusal).toMatchObject({ outcome: 'failed', retriable: false })
        const { message } = refusal as Error
        expect(message).toContain(`the ${operation.name} request is not valid: `)
        expect(message.length).toBeLessThan(600)
        expect(message).not.toContain('\n')
      }),
      { numRuns: 150, seed: 14 },
    )
  })

  it.each([
    [
      deleteRecords,
      { timeoutMs: 1, topics: [{ topic: 'orders', partitions: [{ partition: 0, offset: Number.NaN }] }] },
      'topics.0.partitions.0.offset must be a whole number, got NaN',
    ],
    [
      createTopics,
      {
        timeoutMs: 1,
        validateOnly: false,
        topics: [{ topic: 'orders', numPartitions: '4', replicationFactor: 40_000, configs: [] }],
      },
      'topics.0.numPartitions must be a whole number, got "4"; topics.0.replicationFactor must be at most 32767, ' +
        'got 40000',
    ],
    [offsetCommit, undefined, 'it must be an object, got undefined'],
  ])('%o and refused with the field, what it has to be, and what it was', (operation, request, message) => {
    expect(() => checkRequest(operation, request)).toThrow(message)
  })

  it.each([
    ['numbers', () => 0],
    ['empty objects', () => ({})],
    ['holes', () => undefined],
  ])('without looking at millions of %s to tell of the first few', (_, element) => {
    let looks = 0
    const list = new Proxy(Array.from({ length: 10_000 }, element), {
      get(target, name, receiver) {
        looks++
        return Reflect.get(target, name, receiver) as unknown
      },
    })
    const topic = { topic: 'orders', numPartitions: 1, replicationFactor: 1, configs: list }
    const request = { timeoutMs: 1, validateOnly: false, topics: [topic] }
    expect(() => checkRequest(createTopics, request)).toThrow(/^the createTopics request is not valid: .*; and more$/)
    expect(looks).toBeLessThan(100)
  })
})
