import fc from 'fast-check'
import type {
  AnyArray,
  AnyField,
  AnyNullable,
  AnyStruct,
  Fields,
  FieldType,
  Scalar,
  ScalarKind,
} from '../src/fields/field-types.ts'
import { bytes, field, fieldOf, hasField, struct } from '../src/fields/fields.ts'

const scalars: Readonly<Record<ScalarKind, fc.Arbitrary<unknown>>> = {
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  int32: fc.integer(),
  int64: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 32, -(2 ** 32) - 1)),
  float64: fc.double(),
  boolean: fc.boolean(),
  string: fc.string({ unit: 'grapheme', maxLength: 6 }),
  bytes: fc.uint8Array({ maxLength: 8 }),
  uuid: fc.option(fc.uuid()),
}

/** Any value of a type in a version, as it is read: fields of other versions have their defaults. */
export function valueOf(type: FieldType, version: number): fc.Arbitrary<unknown> {
  if (type.kind === 'array') return fc.array(valueOf((type as AnyArray).element, version), { maxLength: 3 })
  if (type.kind === 'struct')
    return fc.record(
      Object.fromEntries(
        Object.entries((type as AnyStruct).fields).map(([name, given]) => [name, fieldValue(fieldOf(given), version)]),
      ),
    )
  if (type.kind !== 'nullable') return scalars[(type as Scalar).kind]
  const { of, since, until } = type as AnyNullable
  const value = valueOf(of, version)
  return version >= since && version <= until ? fc.option(value, { freq: 2 }) : value
}

function fieldValue(given: AnyField, version: number): fc.Arbitrary<unknown> {
  if (!hasField(given, version)) return fc.constant(defaultOf(given))
  const value = valueOf(given.type, version)
  return 'default' in given.options || given.options.tag !== undefined
    ? fc.oneof(value, fc.constant(defaultOf(given)))
    : value
}

export function defaultOf({ type, options }: AnyField): unknown {
  return 'default' in options ? options.default : emptyOf(type)
}

function emptyOf(type: FieldType): unknown {
  if (type.kind === 'nullable') return emptyOf((type as AnyNullable).of)
  if (type.kind === 'array') return []
  if (type.kind === 'struct')
    return Object.fromEntries(
      Object.entries((type as AnyStruct).fields).map(([name, given]) => [name, defaultOf(fieldOf(given))]),
    )
  const empty: Readonly<Record<ScalarKind, unknown>> = {
    int8: 0,
    int16: 0,
    int32: 0,
    int64: 0,
    float64: 0,
    boolean: false,
    string: '',
    bytes: new Uint8Array(0),
    uuid: null,
  }
  return empty[(type as Scalar).kind]
}

/** The same type as a later Kafka might define it: every structure has one more tagged field. */
export function withLaterTags<T extends FieldType>(type: T): T {
  return later(type) as T
}

function later(type: FieldType): FieldType {
  if (type.kind === 'nullable') {
    const nullable = type as AnyNullable
    return { ...nullable, of: later(nullable.of) } as FieldType
  }
  if (type.kind === 'array') return { ...type, element: later((type as AnyArray).element) } as FieldType
  if (type.kind !== 'struct') return type
  const fields: Fields = Object.fromEntries(
    Object.entries((type as AnyStruct).fields).map(([name, given]) => {
      const { type: own, options } = fieldOf(given)
      return [name, field(later(own), options as Record<never, never>)]
    }),
  )
  return struct({ ...fields, laterField: field(bytes, { tag: 100, default: null as never }) })
}
