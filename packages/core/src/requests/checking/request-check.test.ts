import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { InvalidRequestError } from '../../errors/kafka-error.ts'
import { createTopics, deleteRecords, offsetCommit } from '../../protocol/index.ts'
import { allOperations, schemasOf } from '../../protocol/operation-schemas.ts'
import type { Schema } from '../../schema/schema.ts'
import { checkRequest, parseRequest } from './request-check.ts'

/**
 * What is put in the place of any field: values of other types, and numbers that a field of another size would take.
 */
const garbage = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'x',
  '4',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0,
  -0,
  1.5,
  2 ** 15,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  5n,
  true,
  new Date(0),
  new Date(Number.NaN),
  [],
  [undefined],
  // oxlint-disable-next-line no-sparse-arrays -- a hole is no element
  [, 1],
  {},
  new Map(),
  new Uint8Array(1),
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

/** The same schema in zod, which says independently what has this form and what is read of it. */
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

/** Where a value can be replaced: the paths to everything in it. */
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

/** With a field that no schema knows in each of its objects. */
function withStrangers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withStrangers)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const fields = Object.entries(value).map(([name, field]) => [name, withStrangers(field)])
  return { ...Object.fromEntries(fields), stranger: 1 }
}

describe('requests are checked', () => {
  it.each(allOperations.map((operation) => [operation.name, operation] as const))('%s as zod does', (_, operation) => {
    const { request } = schemasOf(operation)
    const inZod = zodOf(request)
    const cases = valueOf(request).chain((value) =>
      fc.record({ value: fc.constant(value), path: fc.constantFrom(...pathsIn(value)), by: garbage }),
    )
    fc.assert(
      fc.property(cases, ({ value, path, by }) => {
        expect(() => checkRequest(operation, value)).not.toThrow()
        const changed = replaced(value, path, by)
        let refusal: unknown
        try {
          checkRequest(operation, changed)
        } catch (error) {
          refusal = error
        }
        const byZod = inZod.safeParse(changed)
        expect(refusal === undefined).toBe(byZod.success)
        if (refusal === undefined) {
          expect(parseRequest(operation, withStrangers(changed))).toEqual(byZod.data)
          return
        }
        expect(refusal).toBeInstanceOf(InvalidRequestError)
        expect(refusal).toMatchObject({ outcome: 'failed', retriable: false })
        expect((refusal as Error).message).toContain(`the ${operation.name} request is not valid: `)
      }),
      { numRuns: 100, seed: 14 },
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
      'topics.0.numPartitions must be a whole number, got "4"; topics.0.replicationFactor must be at most 32767, got 40000',
    ],
    [offsetCommit, undefined, 'it must be an object, got undefined'],
  ])('%o and refused with the field, what it has to be, and what it was', (operation, request, message) => {
    expect(() => checkRequest(operation, request)).toThrow(message)
  })
})
