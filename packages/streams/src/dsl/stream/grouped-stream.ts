import type { Adder } from '../../processors/aggregation.ts'
import type { Window } from '../../windows/windows.ts'
import { aggregated, count, reduction } from '../aggregations.ts'
import { CogroupedStream } from './cogrouped-stream.ts'
import type { Dsl } from '../dsl.ts'
import type { StreamParts } from '../parts.ts'
import { repartitioned } from './repartitioned.ts'
import type { Table } from '../table/table.ts'
import type { Aggregator, AnyStateOptions, InitialPrimitive, StateOptions, Widened, WithSerde } from '../types.ts'
import { WindowedGroupedStream } from '../windowed/windowed-grouped-stream.ts'

/** A stream with all records of a key in one task. An aggregation turns them into one value. Kafka: KGroupedStream. */
export class GroupedStream<in out K, in out V> {
  /** @internal */
  readonly dsl: Dsl
  /** @internal */
  readonly parts: StreamParts
  declare readonly types: { key: K; value: V }

  /** @internal it comes from groupBy or groupByKey */
  constructor(dsl: Dsl, parts: StreamParts, name?: string) {
    this.dsl = dsl
    this.parts = repartitioned(parts, `the records of a key of ${parts.lineage} have to meet in one task`, { name })
  }

  /** Counts the records of each key, except null values. */
  count(options?: StateOptions<number>): Table<K, number> {
    return this.dsl.table(aggregated([this.parts], count, options))
  }

  /**
   * Combines all values of a key into one: `reduce(0, (total, order) => total + order.amount)`. Without an initial
   * value, it begins with the first one.
   */
  reduce(add: Aggregator<K, V, V>, options?: undefined): Table<K, V>
  reduce<A extends InitialPrimitive>(
    initial: A,
    add: Aggregator<K, V, Widened<A>>,
    ...options: WithSerde<Widened<A>, StateOptions<Widened<A>>>
  ): Table<K, Widened<A>>
  reduce<A>(initial: () => A, add: Aggregator<K, V, A>, ...options: WithSerde<A, StateOptions<A>>): Table<K, A>
  reduce<A>(first: unknown, second?: unknown, options?: AnyStateOptions): Table<K, A> {
    return this.dsl.table(aggregated([this.parts], reduction('reduce', first, second), options))
  }

  /** Like reduce with an initial value. */
  aggregate<A extends InitialPrimitive>(
    initial: A,
    add: Aggregator<K, V, Widened<A>>,
    ...options: WithSerde<Widened<A>, StateOptions<Widened<A>>>
  ): Table<K, Widened<A>>
  aggregate<A>(initial: () => A, add: Aggregator<K, V, A>, ...options: WithSerde<A, StateOptions<A>>): Table<K, A>
  aggregate<A>(initial: unknown, add: unknown, options?: AnyStateOptions): Table<K, A> {
    return this.dsl.table(aggregated([this.parts], reduction('aggregate', initial, add), options))
  }

  /** Begins an aggregate that other grouped streams feed too, each in its own way. */
  cogroup<A>(add: Aggregator<K, V, A>): CogroupedStream<K, A> {
    return new CogroupedStream(this.dsl, [{ parts: this.parts, add: add as Adder }])
  }

  /** Aggregates within windows of time. Kafka: KGroupedStream.windowedBy. */
  window<W extends Window>(window: W): WindowedGroupedStream<K, V, W> {
    return new WindowedGroupedStream(this.dsl, this.parts, window)
  }
}
