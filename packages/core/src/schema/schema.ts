/**
 * The forms of requests and answers, as values. Their types, their checks and the OpenAPI document all come from this
 * one description. It needs so few forms that a library, which applications would have to install and pages to load, is
 * not worth it.
 */
export interface Schema<T = unknown> {
  readonly form: Form
  /** Carries the type of the value; absent at run time. */
  readonly holds?: () => T
}

export type Form =
  | { readonly type: 'object'; readonly shape: Shape }
  | { readonly type: 'array'; readonly element: Schema }
  | { readonly type: 'nullable' | 'optional'; readonly inner: Schema }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'string' | 'uuid' | 'boolean' | 'bytes' }

/** The fields of an object. Reading a value drops other fields. */
export type Shape = Readonly<Record<string, Schema>>

export type ValueOf<S> = S extends Schema<infer T> ? T : never

type Fields<S extends Shape> = {
  [Name in keyof S as undefined extends ValueOf<S[Name]> ? never : Name]: ValueOf<S[Name]>
} & {
  [Name in keyof S as undefined extends ValueOf<S[Name]> ? Name : never]?: ValueOf<S[Name]>
}

/** In one piece, so that editors and API reports show the fields. */
export type ObjectOf<S extends Shape> = { [Name in keyof Fields<S>]: Fields<S>[Name] }

export const object = <S extends Shape>(shape: S): Schema<ObjectOf<S>> => ({ form: { type: 'object', shape } })

export const array = <T>(element: Schema<T>): Schema<T[]> => ({ form: { type: 'array', element } })

export const nullable = <T>(inner: Schema<T>): Schema<T | null> => ({ form: { type: 'nullable', inner } })

export const optional = <T>(inner: Schema<T>): Schema<T | undefined> => ({ form: { type: 'optional', inner } })

export const string = (): Schema<string> => ({ form: { type: 'string' } })

export const uuid = (): Schema<string> => ({ form: { type: 'uuid' } })

export const boolean = (): Schema<boolean> => ({ form: { type: 'boolean' } })

export const bytes = (): Schema<Uint8Array> => ({ form: { type: 'bytes' } })

/** A whole number; by default any exact one. */
export const integer = (minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): Schema<number> => ({
  form: { type: 'integer', minimum, maximum },
})

export const choice = <const T extends string>(...values: readonly T[]): Schema<T> => ({
  form: { type: 'choice', values },
})
