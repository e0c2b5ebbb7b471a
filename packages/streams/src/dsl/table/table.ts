import { InvalidRequestError, json, type SerdeLike } from '@kafkado/core'
import { regroupProcessor } from '../../processors/aggregate.ts'
import type { BuildProcessor } from '../../processors/processor.ts'
import { negated, peekProcessor } from '../../processors/stateless.ts'
import { suppressProcessor, type Suppression } from '../../processors/suppress.ts'
import type { JoinKind } from '../../processors/stream-join.ts'
import {
  derivedGetter,
  filterRow,
  mapRow,
  type RowFunction,
  tableFilterProcessor,
  tableMapProcessor,
  toStreamProcessor,
} from '../../processors/table-operators.ts'
import { keyIdentityOf } from '../../state/key-identity.ts'
import type { ForeignKeyJoinOptions } from '../joins/foreign-key-join.ts'
import { joinTables } from '../joins/table-joins.ts'
import type { GroupedTable } from './grouped-table.ts'
import { FilterOlds, MapOlds, toldOlds, unknownOlds } from '../../processors/olds.ts'
import type { Dsl } from '../dsl.ts'
import type { TableParts } from '../parts.ts'
import type { Windowed } from '../../windows/windowed.ts'
import { derivedKeySerde, serdeOf } from '../serdes.ts'
import { selectedPath } from '../joins/key-path.ts'
import type { Startable } from '../startable.ts'
import type { Stream } from '../stream/stream.ts'
import type { ChooseTopic, OutputTopic, ToOptions } from '../stream/stream-options.ts'
import { suppressedSerde } from './change-serdes.ts'
import { keptTable } from './kept-table.ts'
import { bufferOptions, limitsOf, suppressionOf, type SuppressBuffer, type SuppressOptions } from './suppression.ts'
import { asKept, materialized, storeOf } from './table-of.ts'
import {
  type AnyValueTransformer,
  transformTable,
  type TransformValuesOptions,
  type ValueTransformer,
} from './transform-values.ts'
import { type GroupingOptions, groupingOptions, namedOptions, optionsOf, stateOptions } from '../operator-options.ts'
import type { AnyStateOptions, Named, StateOptions, Synchronous, WithSerde } from '../types.ts'

/** Accepts options only when keys are windows. */
type OfWindows<K> =
  K extends Windowed<unknown>
    ? [options?: SuppressBuffer]
    : [options: { readonly 'the keys of this table are no windows': never }]

/** The last value of each key, and its changes. Kafka: KTable. */
export class Table<in out K, in out V> {
  /** @internal */
  readonly dsl: Dsl
  /** @internal */
  readonly parts: TableParts
  declare readonly types: { key: K; value: V; take(key: K): void }

  /** @internal it comes from a StreamsBuilder, a stream or another table */
  constructor(dsl: Dsl, parts: TableParts) {
    this.dsl = dsl
    this.parts = parts
  }

  /** The name of its store, for queries; undefined if it has none of its own. Kafka: KTable.queryableStoreName. */
  get storeName(): string | undefined {
    return this.parts.store
  }

  /**
   * Keeps only the matching rows. A row that no longer matches is removed from the result, by null. No removal is
   * forwarded for a row that was not in the result. For some tables the former row is unknown, and the removal is
   * forwarded in any case: a table read from a topic without a name for it, a suppressed one, one joined by a foreign
   * key, and one made by {@link transformValues} without a name for it.
   *
   * With a name, a store of that name keeps the result, for queries. Kafka: KTable.filter.
   */
  filter<V2 extends V>(predicate: (value: V, key: K) => value is V2, options?: StateOptions<V2>): Table<K, V2>
  filter(predicate: (value: V, key: K) => boolean, options?: StateOptions<V>): Table<K, V>
  filter<V2>(predicate: (value: V, key: K) => boolean, options: AnyStateOptions = {}): Table<K, V2> {
    return this.#filtered('filter', predicate as RowFunction<boolean>, options)
  }

  /** Removes the matching rows; otherwise like {@link filter}. Kafka: KTable.filterNot. */
  filterNot<V2 extends V>(
    predicate: (value: V, key: K) => value is V2,
    options?: StateOptions<Exclude<V, V2>>,
  ): Table<K, Exclude<V, V2>>
  filterNot(predicate: (value: V, key: K) => boolean, options?: StateOptions<V>): Table<K, V>
  filterNot(predicate: (value: V, key: K) => boolean, options: AnyStateOptions = {}): unknown {
    return this.#filtered('filterNot', negated('filterNot', predicate as RowFunction<boolean>), options)
  }

  /**
   * Computes the values of rows. With a name, a store of that name keeps the result, for queries; without one, it is
   * computed again when an operator looks a row up. Kafka: KTable.mapValues.
   */
  mapValues<R>(map: ((value: V, key: K) => R) & Synchronous<R>, options: StateOptions<R> = {}): Table<K, R> {
    const parts = asKept(this.parts)
    const { getter } = parts
    const change = map as (value: unknown, key: unknown) => unknown
    const olds = new MapOlds(parts.olds)
    const changed = { olds, getter: getter && derivedGetter(getter, mapRow(change)), value: json() }
    return this.#with(parts, 'mapValues', options, tableMapProcessor(change, olds), changed)
  }

  /**
   * Computes the values of rows by your own code, with stores. It also gets removed rows, as null. It runs once for
   * each change: operators that need former values, such as `groupBy`, keep the results in a store. Kafka:
   * KTable.transformValues.
   */
  transformValues<R>(
    make: ValueTransformer<K, V, R>,
    ...[options]: WithSerde<R, TransformValuesOptions<R>>
  ): Table<K, R> {
    return this.dsl.table(transformTable(this.parts, make as AnyValueTransformer, options ?? {}))
  }

  /**
   * Joins rows of both tables with the same key; with `on`, by a key within a row of this table (a foreign key). With a
   * name, a store of that name keeps the result, for queries. Kafka: KTable.join.
   */
  join<K2, R>(other: Table<K2, R>, options: ForeignKeyJoinOptions<V, R, K, K2>): Table<K, [V, R]>
  join<K2, R, J>(
    other: Table<K2, R>,
    options: ForeignKeyJoinOptions<V, R, K, K2>,
    joiner: (left: V, right: R, key: K) => J,
  ): Table<K, J>
  join<R, J>(other: Table<K, R>, joiner: (left: V, right: R, key: K) => J, options?: StateOptions<J>): Table<K, J>
  join<R>(other: Table<K, R>, options?: StateOptions<[V, R]>): Table<K, [V, R]>
  join<J>(other: unknown, first?: unknown, second?: unknown): Table<K, J> {
    return this.#join('inner', other, first, second)
  }

  /** Like {@link join}, but keeps rows of this table without a match, with null for the other side. */
  leftJoin<K2, R>(other: Table<K2, R>, options: ForeignKeyJoinOptions<V, R, K, K2>): Table<K, [V, R | null]>
  leftJoin<K2, R, J>(
    other: Table<K2, R>,
    options: ForeignKeyJoinOptions<V, R, K, K2>,
    joiner: (left: V, right: R | null, key: K) => J,
  ): Table<K, J>
  leftJoin<R, J>(
    other: Table<K, R>,
    joiner: (left: V, right: R | null, key: K) => J,
    options?: StateOptions<J>,
  ): Table<K, J>
  leftJoin<R>(other: Table<K, R>, options?: StateOptions<[V, R | null]>): Table<K, [V, R | null]>
  leftJoin<J>(other: unknown, first?: unknown, second?: unknown): Table<K, J> {
    return this.#join('left', other, first, second)
  }

  /** Like {@link join}, but keeps rows of either table without a match. */
  outerJoin<R, J>(
    other: Table<K, R>,
    joiner: (left: V | null, right: R | null, key: K) => J,
    options?: StateOptions<J>,
  ): Table<K, J>
  outerJoin<R>(other: Table<K, R>, options?: StateOptions<[V | null, R | null]>): Table<K, [V | null, R | null]>
  outerJoin<J>(other: unknown, first?: unknown, second?: unknown): Table<K, J> {
    return this.#join('outer', other, first, second)
  }

  /** Groups the rows by another key, for an aggregation of the table. */
  groupBy<K2>(
    select: ((value: V, key: K) => K2) & Synchronous<K2>,
    ...[options]: WithSerde<V, { key?: SerdeLike<K2>; value?: SerdeLike<V>; name?: string }>
  ): GroupedTable<K2, V> {
    this.parts.olds.ask()
    const rows = materialized(this.parts)
    const { name, ...serdes } = optionsOf('groupBy', groupingOptions, options as GroupingOptions | undefined)
    const key = serdes.key === undefined ? derivedKeySerde : serdeOf(serdes.key)
    const identity = keyIdentityOf(key, this.parts.lineage)
    const build = regroupProcessor(
      (value, from) => [select(value as V, from as K), value],
      (left, right) => identity(left) === identity(right),
    )
    const { graph, lineage } = this.parts
    const node = graph.whole.processor({ operator: 'groupBy', name, inputs: [rows.node], build })
    const keyLabel = name ?? selectedPath(select as RowFunction<K2>) ?? 'key'
    const value = serdes.value === undefined ? this.parts.value : serdeOf(serdes.value)
    return this.dsl.groupedTable({ graph, node, key, value, lineage, keyLabel, isRekeyed: true }, name)
  }

  /** Holds changes back, and forwards only the last one of a key within that time. Kafka: KTable.suppress. */
  suppress(options: SuppressOptions): Table<K, V> {
    return this.#hold(suppressionOf(this.parts, options), options.name)
  }

  /**
   * Forwards one result for each window when it closes: for an aggregation by windows, or for the result of `filter`,
   * `mapValues`, `transformValues` or a join on one. `emit: 'final'` of the window does the same for the aggregation
   * itself, with less work. When more windows are open than the limits allow, the application ends with the error
   * BUFFER_FULL: a result forwarded early would not be final. Kafka: Suppressed.untilWindowCloses, with
   * shutDownWhenFull.
   *
   * @throws InvalidRequestError when the keys are not windows, or never close
   */
  untilWindowCloses(...[options]: OfWindows<K>): Table<K, V> {
    const holdMs = this.parts.openMs
    if (holdMs === undefined)
      throw new InvalidRequestError(
        'untilWindowCloses: nothing is known of the windows of this table; use it behind an aggregation by windows, ' +
          'and before suppress()',
      )
    if (holdMs === Infinity) throw new InvalidRequestError('untilWindowCloses: an unlimited window is never closed')
    const timeOf = (key: unknown): number => (key as Windowed<K>).end
    const buffer = optionsOf('untilWindowCloses', bufferOptions, options as SuppressBuffer | undefined)
    const limits = limitsOf(this.parts, 'untilWindowCloses', buffer, 'shut-down')
    return this.#hold({ holdMs, timeOf, dropsTombstones: true, limits }, buffer.name)
  }

  #hold(suppression: Suppression, name: string | undefined): Table<K, V> {
    this.parts.olds.ask()
    const { graph, key, value, lineage } = this.parts
    const store = name ?? graph.whole.uniqueName(`${lineage}-suppress`)
    const definition = storeOf(
      { graph, key, value: suppressedSerde(value) },
      { name: store, purpose: `changes of ${lineage} that are held back` },
    )
    const build = suppressProcessor(store, suppression)
    const node = graph.whole.processor({
      operator: 'suppress',
      name,
      inputs: [this.parts.node],
      stores: [definition],
      build,
    })
    // A final result is forwarded once, so it has no former value.
    const olds = suppression.dropsTombstones ? toldOlds : unknownOlds
    const held = { getter: undefined, hasOld: false, olds, store: undefined, openMs: undefined }
    return this.dsl.table({ ...this.parts, node, ...held })
  }

  /** Makes a stream of its changes; a removed key has the value null. */
  toStream(options: Named = {}): Stream<K, V> {
    const { name } = optionsOf('toStream', namedOptions, options)
    const { graph, key, value, lineage, node: table } = this.parts
    const node = graph.whole.processor({ operator: 'toStream', name, inputs: [table], build: toStreamProcessor })
    return this.dsl.stream({ graph, node, key, value, lineage, keyLabel: undefined, isRekeyed: false })
  }

  /** Writes its changes to a topic. Compaction suits that topic. See {@link Stream.to}. */
  to(topic: OutputTopic<K, V> | ChooseTopic<K, V>, options: ToOptions<K, V> = {}): Startable {
    return this.toStream().to(topic, options)
  }

  /** Calls a function with each change; the value of a removed key is null. */
  forEach(act: (key: K, value: V) => void, options: Named = {}): Startable {
    const { name } = optionsOf('forEach', namedOptions, options)
    const { graph, node } = this.parts
    const build = peekProcessor('forEach', (value, key) => act(key as K, value as V))
    graph.whole.processor({ operator: 'forEach', name, inputs: [node], build })
    return this.dsl.startable(graph.whole)
  }

  #filtered<V2>(operator: string, predicate: RowFunction<unknown>, options: AnyStateOptions): Table<K, V2> {
    const parts = asKept(this.parts)
    const { getter } = parts
    const olds = new FilterOlds(parts.olds)
    const changed = { olds, getter: getter && derivedGetter(getter, filterRow(predicate)) }
    // With a store, the former rows of the result come from there.
    const asked = options.name === undefined ? olds : unknownOlds
    return this.#with(parts, operator, options, tableFilterProcessor(predicate, asked), changed)
  }

  #join<J>(kind: JoinKind, other: unknown, first: unknown, second: unknown): Table<K, J> {
    if (!(other instanceof Table)) throw new InvalidRequestError('join: give a table to join with')
    return this.dsl.table(joinTables(kind, this.parts, other.parts, first, second))
  }

  #with<V2>(
    parts: TableParts,
    operator: string,
    given: AnyStateOptions,
    build: BuildProcessor,
    changes: Partial<TableParts>,
  ): Table<K, V2> {
    const options = optionsOf(operator, stateOptions, given)
    const { graph, node: table } = parts
    const node = graph.whole.processor({ operator, name: options.name, inputs: [table], build })
    return this.dsl.table(keptTable({ ...parts, node, store: undefined, ...changes }, operator, options))
  }
}
