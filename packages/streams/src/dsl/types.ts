import type { SerdeLike } from '@kafkado/core'

/** The type of a parameter after a function returned a promise: the parameter accepts no such function. */
export interface UseMapAsyncForPromises {
  readonly 'this operator is synchronous: use mapAsync() for functions that return promises': never
}

/** Refuses functions that return promises. */
export type Synchronous<R> = R extends PromiseLike<unknown> ? UseMapAsyncForPromises : unknown

type Primitive = string | number | boolean | null | undefined
// Types that JSON would change or lose.
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

/** Whether a value survives JSON unchanged. A value of unknown type came from JSON. */
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

/** Whether values of a type need a serde. */
export type NeedsSerde<T> = false extends IsJson<T> ? true : false

/** The options of every operator. */
export interface Named {
  /**
   * The name of the operator in `describe()`, `explain()` and errors. It must be unique within the application.
   * Default: what the operator does, with a number if several do the same. Set it to recognise the operator in errors
   * and diagrams. Kafka: Named.as.
   */
  name?: string | undefined
}

/** The options of an operator with state. */
export interface StateOptions<V> {
  /**
   * The name of the state and of the operator. After a change of the application, the state is found again by this
   * name. Default: made of the source, the operator and the key, so that other operators before it do not matter. Set
   * it to query the store, and before you rename or move the source or change the key. Kafka: Materialized.as.
   */
  name?: string | undefined
  /**
   * The serde of the values. Default JSON. Set it for values that JSON cannot represent, such as a Date or a bigint.
   * Kafka: Materialized.withValueSerde.
   */
  value?: SerdeLike<V> | undefined
  /**
   * Whether updates may be held back, so that of several for one key only the last is forwarded. Works only with {@link
   * StreamsOptions.cache}. Default true. Set it to false if each update counts. Kafka: Materialized.withCachingEnabled
   * and withCachingDisabled.
   */
  cache?: boolean | undefined
}

// oxlint-disable-next-line typescript/no-explicit-any -- the type of the values was checked with the options
export type AnyStateOptions = StateOptions<any>
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type AnySerdeLike = SerdeLike<any>

/** Options that are optional if JSON suits the values, and otherwise must have a serde. */
export type WithSerde<V, Options> =
  NeedsSerde<V> extends true ? [options: Options & { value: SerdeLike<V> }] : [options?: Options]

/** A key type without null and undefined. */
export type WithoutNull<K> = Exclude<K, null | undefined>

/** Refuses an object, because all keys would share it. */
export type NoSharedObject<A> = A extends object
  ? { readonly 'an object has to be given as a function that makes it': never }
  : unknown

/** The beginning of an aggregate: a primitive value, or a function that makes anything else. */
export type Initial<A> = (() => A) | (A & NoSharedObject<A>)

/** Immutable values, which may be given directly. */
export type InitialPrimitive = string | number | boolean | bigint

/** The type that a literal may grow to: a total that begins with 0 is a number. */
export type Widened<A> = A extends number
  ? number
  : A extends string
    ? string
    : A extends boolean
      ? boolean
      : A extends bigint
        ? bigint
        : A

/** Combines the aggregate so far with a value; null removes the aggregate. */
export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A | null
