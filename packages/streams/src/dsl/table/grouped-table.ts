import type { Serde } from '@kafkado/core'
import { tableAggregateProcessor } from '../../processors/aggregate.ts'
import type { Aggregation } from '../../processors/aggregation.ts'
import { count, aggregatedTable, reduction, valueSerdeOf } from '../aggregations.ts'
import type { Dsl } from '../dsl.ts'
import { optionsOf, stateOptions } from '../operator-options.ts'
import { stateName, type StreamParts } from '../parts.ts'
import { regroupedSerde } from './change-serdes.ts'
import { repartitioned } from '../stream/repartitioned.ts'
import type { Table } from './table.ts'
import type { Aggregator, AnyStateOptions, InitialPrimitive, StateOptions, Widened, WithSerde } from '../types.ts'

/** A table grouped by another key. A changed row is subtracted from its group and added again. Kafka: KGroupedTable. */
export class GroupedTable<in out K, in out V> {
  readonly #dsl: Dsl
  readonly #parts: StreamParts
  readonly #rowSerde: Serde<unknown>
  declare readonly types: { key: K; value: V }

  /** @internal it comes from Table.groupBy */
  constructor(dsl: Dsl, parts: StreamParts, name?: string) {
    this.#dsl = dsl
    const reason = `the rows of a group of ${parts.lineage} have to meet in one task`
    this.#rowSerde = parts.value
    this.#parts = repartitioned({ ...parts, value: regroupedSerde(parts.value) }, reason, { name })
  }

  count(options?: StateOptions<number>): Table<K, number> {
    return this.#aggregated(count, options)
  }

  /** Combines the rows of a group into one value: `add` adds a row, `subtract` takes it out again. */
  reduce(add: Aggregator<K, V, V>, subtract: Aggregator<K, V, V>, options?: StateOptions<V>): Table<K, V> {
    return this.#aggregated(reduction('reduce', add, undefined, { subtract }), options as AnyStateOptions)
  }

  aggregate<A extends InitialPrimitive>(
    initial: A,
    add: Aggregator<K, V, Widened<A>>,
    subtract: Aggregator<K, V, Widened<A>>,
    ...options: WithSerde<Widened<A>, StateOptions<Widened<A>>>
  ): Table<K, Widened<A>>
  aggregate<A>(
    initial: () => A,
    add: Aggregator<K, V, A>,
    subtract: Aggregator<K, V, A>,
    ...options: WithSerde<A, StateOptions<A>>
  ): Table<K, A>
  aggregate<A>(initial: unknown, add: unknown, subtract: unknown, options?: AnyStateOptions): Table<K, A> {
    return this.#aggregated(reduction('aggregate', initial, add, { subtract }), options)
  }

  #aggregated<A>(aggregation: Aggregation, given: AnyStateOptions | undefined): Table<K, A> {
    const options = optionsOf(aggregation.operator, stateOptions, given)
    const { graph, key, node: input, lineage } = this.#parts
    const name = stateName(this.#parts, aggregation.operator, options)
    const value = valueSerdeOf(aggregation, options, this.#rowSerde)
    const purpose = `${aggregation.operator} of the rows of ${lineage}`
    const build = tableAggregateProcessor(name, aggregation)
    const kept = { name, purpose, aggregation, build, options }
    return this.#dsl.table(aggregatedTable({ graph, key, value }, [input], kept))
  }
}
