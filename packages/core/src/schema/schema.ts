/**
 * The forms that requests and answers are made of, as values: one description from which their types, their checks and
 * the document of the HTTP interface come. There are few enough of them to need no library for it, which an application
 * would have to install and a page to load.
 */
export interface Schema<T = unknown> {
  readonly form: Form
  /** Holds the type of the value; there is nothing at run time. */
  readonly holds?: () => T
}

export type Form =
  | { readonly type: 'object'; readonly shape: Shape }
  | { readonly type: 'array'; readonly element: Schema }
  | { readonly type: 'nullable' | 'optional'; readonly inner: Schema }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'string' | 'uuid' | 'boolean' | 'bytes' }

/** The fields of an object. Those that it does not name are dropped where a value is read. */
export type Shape = Readonly<Record<string, Schema>>

export type ValueOf<S> = S extends Schema<infer T> ? T : never

type Fields<S extends Shape> = {
  [Name in keyof S as undefined extends ValueOf<S[Name]> ? never : Name]: ValueOf<S[Name]>
} & {
  [Name in keyof S as undefined extends ValueOf<S[Name]> ? Name : never]?: ValueOf<S[Name]>
}

/** In one piece, so that editors and reports show the fields. */
export type ObjectOf<S extends Shape> = { [Name in keyof Fields<S>]: Fields<S>[Name] }

export const object = <S extends Shape>(shape: S): Schema<ObjectOf<S>> => ({ form: { type: 'object', shape } })

export const array = <T>(element: Schema<T>): Schema<T[]> => ({ form: { type: 'array', element } })

export const nullable = <T>(inner: Schema<T>): Schema<T | null> => ({ form: { type: 'nullable', inner } })

export const optional = <T>(inner: Schema<T>): Schema<T | undefined> => ({ form: { type: 'optional', inner } })

export const string = (): Schema<string> => ({ form: { type: 'string' } })

export const uuid = (): Schema<string> => ({ form: { type: 'uuid' } })

export const boolean = (): Schema<boolean> => ({ form: { type: 'boolean' } })

export const bytes = (): Schema<Uint8Array> => ({ form: { type: 'bytes' } })

/** A whole number; by default any that is exact. */
export const integer = (minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): Schema<number> => ({
  form: { type: 'integer', minimum, maximum },
})

export const choice = <const T extends string>(...values: readonly T[]): Schema<T> => ({
  form: { type: 'choice', values },
})
