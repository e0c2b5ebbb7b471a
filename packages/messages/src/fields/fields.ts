import type {
  AnyField,
  ArrayOf,
  Field,
  FieldOptions,
  Fields,
  FieldType,
  MayBeNull,
  Nullable,
  Scalar,
  Struct,
} from './field-types.ts'
import type { ReadAt } from './message-values.ts'

export const int8: Scalar<'int8'> = { kind: 'int8' }
export const int16: Scalar<'int16'> = { kind: 'int16' }
export const int32: Scalar<'int32'> = { kind: 'int32' }
export const int64: Scalar<'int64'> = { kind: 'int64' }
export const float64: Scalar<'float64'> = { kind: 'float64' }
export const boolean: Scalar<'boolean'> = { kind: 'boolean' }
export const string: Scalar<'string'> = { kind: 'string' }
/** Read as a view of the message, not as a copy. */
export const bytes: Scalar<'bytes'> = { kind: 'bytes' }
/** Record batches. On the wire they are bytes like any other, and nothing here looks into them. */
export const records: Scalar<'bytes'> = { kind: 'bytes' }
export const uuid: Scalar<'uuid'> = { kind: 'uuid' }

export function array<E extends FieldType>(element: E): ArrayOf<E> {
  return { kind: 'array', element }
}

export function struct<const F extends Fields>(fields: F): Struct<F> {
  return { kind: 'struct', fields }
}

/** A type that may be null: always, from a version on, or up to one. */
export function nullable<T extends MayBeNull>(
  of: T,
  { since = 0, until = Number.POSITIVE_INFINITY }: { readonly since?: number; readonly until?: number } = {},
): Nullable<T> {
  return { kind: 'nullable', of, since, until }
}

/** A field that some versions lack, or that is optional. */
export function field<T extends FieldType, const O extends FieldOptions & { readonly default?: ReadAt<T> }>(
  type: T,
  options: O,
): Field<T, O> {
  return { kind: 'field', type, options }
}

/** A field with the missing parts of its definition filled in. */
export function fieldOf(given: FieldType | AnyField): AnyField {
  return given.kind === 'field' ? given : { kind: 'field', type: given, options: {} }
}

export function hasField(
  { options: { since = 0, until = Number.POSITIVE_INFINITY } }: AnyField,
  version: number,
): boolean {
  return version >= since && version <= until
}
