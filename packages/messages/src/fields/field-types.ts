/**
 * The structure of messages, as data. `codec/` turns it into readers and writers for each version, tests turn it into
 * values, and message-values.ts derives the types.
 *
 * The words are those of Kafka's own message definitions (clients/src/main/resources/common/message).
 */

/** The JavaScript value of each kind of scalar field. */
export interface ScalarValues {
  int8: number
  int16: number
  int32: number
  /** From -(2^53 - 1) to 2^53 - 1. Anything beyond is refused, as a number cannot hold it exactly. */
  int64: number
  float64: number
  boolean: boolean
  string: string
  bytes: Uint8Array
  /** Sixteen bytes, as a string with dashes; null for all zeros, which is how Kafka writes "none". */
  uuid: string | null
}

export type ScalarKind = keyof ScalarValues

export interface Scalar<K extends ScalarKind = ScalarKind> {
  readonly kind: K
}

export interface AnyArray {
  readonly kind: 'array'
  readonly element: FieldType
}

export interface ArrayOf<E extends FieldType> extends AnyArray {
  readonly element: E
}

export interface AnyStruct {
  readonly kind: 'struct'
  readonly fields: Fields
}

export interface Struct<F extends Fields> extends AnyStruct {
  readonly fields: F
}

/** Types for which the protocol can express null. */
export type MayBeNull = Scalar<'string'> | Scalar<'bytes'> | AnyArray | AnyStruct

export interface AnyNullable {
  readonly kind: 'nullable'
  readonly of: MayBeNull
  /** The versions in which it may be null. */
  readonly since: number
  readonly until: number
}

export interface Nullable<T extends MayBeNull> extends AnyNullable {
  readonly of: T
}

export type FieldType = Scalar | AnyArray | AnyStruct | AnyNullable

/** Options for a field that some versions lack, or that is optional. */
export interface FieldOptions {
  /** The first version that has the field. Default: all. */
  readonly since?: number
  /** The last version that has the field. Default: all. */
  readonly until?: number
  /**
   * The field's value when it is not given, or the version lacks it. Default: 0, false, '', no elements, or a structure
   * of defaults.
   */
  readonly default?: unknown
  /**
   * Whether to drop a value in versions without the field. Default: such a value is refused, unless it is the field's
   * default.
   */
  readonly ignorable?: boolean
  /** A tagged field (KIP-482), with its tag. It is written only when it differs from its default. */
  readonly tag?: number
}

export interface AnyField {
  readonly kind: 'field'
  readonly type: FieldType
  readonly options: FieldOptions
}

export interface Field<T extends FieldType, O extends FieldOptions> extends AnyField {
  readonly type: T
  readonly options: O
}

/** In the order of writing. A bare type stands for a required field of all versions. */
export type Fields = Readonly<Record<string, FieldType | AnyField>>
