import type { SessionWindow, Window } from '../../windows/windows.ts'
import { count, reduction, windowAggregated } from '../aggregations.ts'
import type { Dsl } from '../dsl.ts'
import type { StreamParts } from '../parts.ts'
import type { Aggregator, AnyStateOptions, InitialPrimitive, NeedsSerde, StateOptions, Widened } from '../types.ts'
import type { SerdeLike } from '@kafkado/core'
import type { WindowedTable } from './windowed-table.ts'

/** The additional options of sessions: two sessions that grow together become one. */
type WindowedOptions<A, W extends Window> = W extends SessionWindow
  ? [options: StateOptions<A> & { merge: (left: A, right: A, key: never) => A } & Required<Written<A>>]
  : NeedsSerde<A> extends true
    ? [options: StateOptions<A> & { value: SerdeLike<A> }]
    : [options?: StateOptions<A>]
type Written<A> = NeedsSerde<A> extends true ? { value: SerdeLike<A> } : object

/** A grouped stream cut into windows. Kafka: TimeWindowedKStream, SessionWindowedKStream. */
export class WindowedGroupedStream<in out K, in out V, in out W extends Window = Window> {
  readonly #dsl: Dsl
  readonly #parts: StreamParts
  readonly #window: W

  /** @internal it comes from window() */
  constructor(dsl: Dsl, parts: StreamParts, window: W) {
    this.#dsl = dsl
    this.#parts = parts
    this.#window = window
  }

  /** Counts the records of each key in each window. */
  count(options?: StateOptions<number>): WindowedTable<K, number> {
    return this.#table(windowAggregated([this.#parts], this.#window, count, options))
  }

  /** See {@link GroupedStream.reduce}. */
  reduce(add: Aggregator<K, V, V>, options?: undefined): WindowedTable<K, V>
  reduce<A extends InitialPrimitive>(
    initial: A,
    add: Aggregator<K, V, Widened<A>>,
    ...options: WindowedOptions<Widened<A>, W>
  ): WindowedTable<K, Widened<A>>
  reduce<A>(initial: () => A, add: Aggregator<K, V, A>, ...options: WindowedOptions<A, W>): WindowedTable<K, A>
  reduce<A>(first: unknown, second?: unknown, options?: AnyStateOptions): WindowedTable<K, A> {
    const aggregation = reduction('reduce', first, second, options as object)
    return this.#table(windowAggregated([this.#parts], this.#window, aggregation, options))
  }

  /** See {@link GroupedStream.aggregate}. */
  aggregate<A extends InitialPrimitive>(
    initial: A,
    add: Aggregator<K, V, Widened<A>>,
    ...options: WindowedOptions<Widened<A>, W>
  ): WindowedTable<K, Widened<A>>
  aggregate<A>(initial: () => A, add: Aggregator<K, V, A>, ...options: WindowedOptions<A, W>): WindowedTable<K, A>
  aggregate<A>(initial: unknown, add: unknown, options?: AnyStateOptions): WindowedTable<K, A> {
    const aggregation = reduction('aggregate', initial, add, options as object)
    return this.#table(windowAggregated([this.#parts], this.#window, aggregation, options))
  }

  #table<A>(parts: ReturnType<typeof windowAggregated>): WindowedTable<K, A> {
    return this.#dsl.windowedTable(parts, this.#parts)
  }
}
