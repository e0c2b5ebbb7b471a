import type { Adder } from '../../processors/aggregation.ts'
import type { Window } from '../../windows/windows.ts'
import { aggregated, initialOf, windowAggregated } from '../aggregations.ts'
import type { GroupedStream } from './grouped-stream.ts'
import type { Dsl } from '../dsl.ts'
import { mergingOptions, optionsOf, stateOptions } from '../operator-options.ts'
import type { StreamParts } from '../parts.ts'
import type { Table } from '../table/table.ts'
import type { Aggregator, AnyStateOptions, Initial, StateOptions, WithSerde } from '../types.ts'
import type { WindowedTable } from '../windowed/windowed-table.ts'

interface Member {
  readonly parts: StreamParts
  readonly add: Adder
}

/** Several grouped streams that feed one aggregate. Kafka: CogroupedKStream. */
export class CogroupedStream<in out K, in out A> {
  readonly #dsl: Dsl
  readonly #members: readonly Member[]

  /** @internal it comes from GroupedStream.cogroup */
  constructor(dsl: Dsl, members: readonly Member[]) {
    this.#dsl = dsl
    this.#members = members
  }

  cogroup<V>(grouped: GroupedStream<K, V>, add: Aggregator<K, V, A>): CogroupedStream<K, A> {
    this.#members[0]?.parts.graph.whole.absorb(grouped.parts.graph)
    return new CogroupedStream(this.#dsl, [...this.#members, { parts: grouped.parts, add: add as Adder }])
  }

  aggregate(initial: Initial<A>, ...[options]: WithSerde<A, StateOptions<A>>): Table<K, A> {
    const { inputs, aggregation } = this.#aggregation(initial, undefined)
    const given = optionsOf('aggregate', stateOptions, options as AnyStateOptions | undefined)
    return this.#dsl.table(aggregated(inputs, aggregation, given))
  }

  /**
   * Aggregates within windows of time. Kafka: CogroupedKStream.windowedBy.
   *
   * @param options for sessions, `merge` combines the aggregates of two sessions that grow together
   */
  windowAggregate(
    window: Window,
    initial: Initial<A>,
    ...[options]: WithSerde<A, StateOptions<A> & { merge?: (left: A, right: A) => A }>
  ): WindowedTable<K, A> {
    const given = optionsOf('windowAggregate', mergingOptions, options as AnyStateOptions | undefined)
    const { inputs, aggregation } = this.#aggregation(initial, options?.merge)
    return this.#dsl.windowedTable(windowAggregated(inputs, window, aggregation, given), inputs[0])
  }

  #aggregation(initial: unknown, merge: unknown) {
    const inputs = this.#members.map(({ parts }) => parts) as [StreamParts, ...StreamParts[]]
    const aggregation = {
      operator: 'cogroup',
      initial: initialOf('aggregate', initial),
      adders: this.#members.map(({ add }) => add),
      subtract: undefined,
      merge: merge as Adder | undefined,
    }
    return { inputs, aggregation }
  }
}
