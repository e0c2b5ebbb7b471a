import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod/mini'
import { InvalidRequestError } from '../../errors/kafka-error.ts'
import { createTopics, deleteRecords, offsetCommit } from '../../protocol/index.ts'
import { allOperations, schemasOf } from '../../protocol/operation-schemas.ts'
import { checkRequest } from './request-check.ts'

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

/** Any value of a schema, made of what the schemas of requests consist of. */
function valueOf(schema: z.ZodMiniType): fc.Arbitrary<unknown> {
  const definition = schema._zod.def as unknown as Record<string, unknown>
  switch (definition['type']) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(definition['shape'] as Record<string, z.ZodMiniType>).map(([name, field]) => [
            name,
            valueOf(field),
          ]),
        ),
      )
    case 'array':
      return fc.array(valueOf(definition['element'] as z.ZodMiniType), { maxLength: 3 })
    case 'nullable':
      return fc.oneof(fc.constant(null), valueOf(definition['innerType'] as z.ZodMiniType))
    case 'optional':
      return fc.oneof(fc.constant(undefined), valueOf(definition['innerType'] as z.ZodMiniType))
    case 'string':
      return definition['format'] === 'guid' ? fc.uuid() : fc.string({ maxLength: 5 })
    case 'boolean':
      return fc.boolean()
    case 'number':
      return fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
    case 'enum':
    case 'literal':
      return fc.constantFrom(...(schema._zod.values as Set<unknown>))
    case 'custom':
      return fc.constant(new Uint8Array(3))
    default:
      throw new Error(`no request has had a field of type ${String(definition['type'])} so far`)
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

describe('requests are checked', () => {
  it.each(allOperations.map((operation) => [operation.name, operation] as const))('%s as zod does', (_, operation) => {
    const { request } = schemasOf(operation)
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
        expect(refusal === undefined).toBe(request.safeParse(changed).success)
        if (refusal === undefined) return
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
