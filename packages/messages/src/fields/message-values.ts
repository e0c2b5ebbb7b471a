import type { AnyArray, AnyField, AnyNullable, AnyStruct, Fields, Scalar, ScalarValues } from './field-types.ts'

/**
 * The types of values to read and write, from the definition of a message and a version `V`. If the version is known
 * only at run time (`V` is `number`), all fields exist: fields of other versions are read as their defaults, and are
 * optional when writing.
 */

/** The numbers from 0 to N; all numbers for `number`. */
type UpTo<N extends number, Before extends number[] = []> = Before['length'] extends N
  ? Before[number] | N
  : UpTo<N, [...Before, Before['length']]>

type OptionsOf<F> = F extends AnyField ? F['options'] : Record<never, never>
type TypeOf<F> = F extends AnyField ? F['type'] : F

type IsSince<O, V extends number> = O extends { readonly since: infer S extends number }
  ? S extends UpTo<V>
    ? true
    : false
  : true
type IsUntil<O, V extends number> = O extends { readonly until: infer U extends number }
  ? V extends UpTo<U>
    ? true
    : false
  : true

/** Whether a version has a field. */
type Has<F, V extends number> = number extends V
  ? true
  : IsSince<OptionsOf<F>, V> extends true
    ? IsUntil<OptionsOf<F>, V>
    : false

/** Whether the field is optional. */
type HasDefault<F, V extends number> =
  OptionsOf<F> extends { readonly default: unknown } | { readonly tag: number }
    ? true
    : number extends V
      ? OptionsOf<F> extends { readonly since: number } | { readonly until: number }
        ? true
        : false
      : false

type FieldsToRead<F extends Fields, V extends number> = {
  -readonly [Name in keyof F as Has<F[Name], V> extends true ? Name : never]: ReadAt<TypeOf<F[Name]>, V>
}

type FieldsToWrite<F extends Fields, V extends number> = {
  readonly [
    Name in keyof F as Has<F[Name], V> extends true ? (HasDefault<F[Name], V> extends true ? never : Name) : never
  ]: WrittenAt<TypeOf<F[Name]>, V>
} & {
  readonly [
    Name in keyof F as Has<F[Name], V> extends true ? (HasDefault<F[Name], V> extends true ? Name : never) : never
  ]?: WrittenAt<TypeOf<F[Name]>, V> | undefined
}

/** The type of a value that is read in a version. */
export type ReadAt<T, V extends number = number> = T extends AnyStruct
  ? FieldsToRead<T['fields'], V>
  : T extends AnyArray
    ? ReadAt<T['element'], V>[]
    : T extends AnyNullable
      ? ReadAt<T['of'], V> | null
      : T extends Scalar<infer K>
        ? ScalarValues[K]
        : never

/** The type of a value that is written in a version. */
export type WrittenAt<T, V extends number = number> = T extends AnyStruct
  ? FieldsToWrite<T['fields'], V>
  : T extends AnyArray
    ? readonly WrittenAt<T['element'], V>[]
    : T extends AnyNullable
      ? WrittenAt<T['of'], V> | null
      : T extends Scalar<infer K>
        ? ScalarValues[K]
        : never
