import type { SerdeLike } from '@kafkado/core'

/** Stands in a parameter's type where a function returned a promise, and so is no function that the parameter takes. */
export interface UseMapAsyncForPromises {
  readonly 'this operator is synchronous: use mapAsync() for functions that return promises': never
}

/** Refuses functions that return promises. */
export type Synchronous<R> = R extends PromiseLike<unknown> ? UseMapAsyncForPromises : unknown

type Primitive = string | number | boolean | null | undefined
// What JSON would turn into something else, or nothing.
type NotJson =
  | Date
  | bigint
  | symbol
  | Uint8Array
  | ArrayBuffer
  | RegExp
  | Promise<unknown>
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...given: never[]) => unknown)

/** Whether a value comes back from JSON as it went in. What nobody knows the type of came from JSON. */
export type IsJson<T> = unknown extends T
  ? true
  : [T] extends [Primitive]
    ? true
    : [Extract<T, NotJson>] extends [never]
      ? T extends Primitive
        ? true
        : T extends object
          ? false extends { [P in keyof T]-?: IsJson<T[P]> }[keyof T]
            ? false
            : true
          : false
      : false

/** Whether it has to be said how values of a type are written. */
export type NeedsSerde<T> = false extends IsJson<T> ? true : false

/** What any operator may be told. */
export interface Named {
  /**
   * What `describe()`, `explain()` and errors call the operator; no other one of the application may have the same
   * name. Default: what it does, and a number where several do that. Kafka: Named.as.
   */
  name?: string | undefined
}

/** What an operator with state may be told. */
export interface StateOptions<V> {
  /**
   * The name of the state, by which it is found again when the application changes, and of the operator. Default: made
   * of the source, the operator and the key, so that other operators before it do not matter. Kafka: Materialized.as.
   */
  name?: string | undefined
  /** How values are written. Default JSON. Kafka: Materialized.withValueSerde. */
  value?: SerdeLike<V> | undefined
  /**
   * Whether its updates may be held back, so that of several of one key only the last is told; see {@link
   * StreamsOptions.cache}, without which nothing is. Default true. Set it to false where each update counts. Kafka:
   * Materialized.withCachingEnabled and withCachingDisabled.
   */
  cache?: boolean | undefined
}

// oxlint-disable-next-line typescript/no-explicit-any -- the type of the values was checked where the options were given
export type AnyStateOptions = StateOptions<any>
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type AnySerdeLike = SerdeLike<any>

/** Options that may be left out where JSON does for the values, and otherwise have to say how they are written. */
export type WithSerde<V, Options> =
  NeedsSerde<V> extends true ? [options: Options & { value: SerdeLike<V> }] : [options?: Options]

/** A topic by name where JSON and text keys do, else one with a definition. */
export type WithoutNull<K> = Exclude<K, null | undefined>

/** Refuses an object that all keys would share. */
export type NoSharedObject<A> = A extends object
  ? { readonly 'an object has to be given as a function that makes it': never }
  : unknown

/** What an aggregate begins with: a primitive as it is, anything else as a function that makes it. */
export type Initial<A> = (() => A) | (A & NoSharedObject<A>)

/** What may be given as it is, as nothing can be changed in it. */
export type InitialPrimitive = string | number | boolean | bigint

/** The type of all that a literal may become: a total that begins with 0 is a number. */
export type Widened<A> = A extends number
  ? number
  : A extends string
    ? string
    : A extends boolean
      ? boolean
      : A extends bigint
        ? bigint
        : A

/** Makes an aggregate of the one so far and a value; null removes it. */
export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A | null
