/**
 * What messages consist of, as data: `codec/` makes readers and writers of it for each version, and tests make values
 * of it. The types of the values follow from it (message-values.ts).
 *
 * The words are those of Kafka's own message definitions (clients/src/main/resources/common/message).
 */

/** What a scalar field holds, by its kind. */
export interface ScalarValues {
  int8: number
  int16: number
  int32: number
  /** From -(2^53 - 1) to 2^53 - 1: what is beyond is refused, as a number cannot hold it. */
  int64: number
  float64: number
  boolean: boolean
  string: string
  bytes: Uint8Array
  /** Sixteen bytes, as text with dashes; null for all zeros, which is how Kafka writes "none". */
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

/** What the protocol has a form for that says null. */
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

/** What is to be said of a field that not every version has, or that need not be given. */
export interface FieldOptions {
  /** The first version that has the field. Default: all. */
  readonly since?: number
  /** The last version that has the field. Default: all. */
  readonly until?: number
  /**
   * What the field is where it is not given, or the version does not have it. Default: 0, false, '', no elements, or a
   * structure of defaults.
   */
  readonly default?: unknown
  /**
   * Whether a value is dropped in versions that do not have the field. Default: it is refused, unless it is the
   * default.
   */
  readonly ignorable?: boolean
  /** A tagged field (KIP-482) is there only when it is not the default, under a number of its own. */
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

/** In the order in which they are written. A bare type stands for a field of all versions, which has to be given. */
export type Fields = Readonly<Record<string, FieldType | AnyField>>
