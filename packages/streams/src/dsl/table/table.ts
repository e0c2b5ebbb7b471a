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
import { FilterOlds, toldOlds, unknownOlds } from '../../processors/olds.ts'
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

/** Takes options where keys are windows, and nothing else. */
type OfWindows<K> =
  K extends Windowed<unknown>
    ? [options?: SuppressBuffer]
    : [options: { readonly 'the keys of this table are no windows': never }]

/** The last value of each key, as it changes. Kafka: KTable. */
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

  /** The name of its store, to query it by; undefined where it has none of its own. */
  get storeName(): string | undefined {
    return this.parts.store
  }

  /**
   * Leaves out rows; one that no longer belongs to the result is removed from it, by null. Nothing is said of a row
   * that was not in the result either, unless what rows were is not known: that of a table which is read from a topic
   * without a name for it, or is suppressed, or joined by a foreign key, or made by {@link transformValues} without a
   * name for it.
   *
   * With a name the result is kept in a store of that name, which queries may ask. Kafka: KTable.filter.
   */
  filter<V2 extends V>(predicate: (value: V, key: K) => value is V2, options?: StateOptions<V2>): Table<K, V2>
  filter(predicate: (value: V, key: K) => boolean, options?: StateOptions<V>): Table<K, V>
  filter<V2>(predicate: (value: V, key: K) => boolean, options: AnyStateOptions = {}): Table<K, V2> {
    return this.#filtered('filter', predicate as RowFunction<boolean>, options)
  }

  /** Leaves out the rows for which the predicate holds, and is otherwise as {@link filter}. Kafka: KTable.filterNot. */
  filterNot<V2 extends V>(
    predicate: (value: V, key: K) => value is V2,
    options?: StateOptions<Exclude<V, V2>>,
  ): Table<K, Exclude<V, V2>>
  filterNot(predicate: (value: V, key: K) => boolean, options?: StateOptions<V>): Table<K, V>
  filterNot(predicate: (value: V, key: K) => boolean, options: AnyStateOptions = {}): unknown {
    return this.#filtered('filterNot', negated('filterNot', predicate as RowFunction<boolean>), options)
  }

  /**
   * Makes the values of rows by a function. With a name the result is kept in a store of that name, which queries may
   * ask; without one it is made anew where something looks a row up. Kafka: KTable.mapValues.
   */
  mapValues<R>(map: ((value: V, key: K) => R) & Synchronous<R>, options: StateOptions<R> = {}): Table<K, R> {
    const parts = asKept(this.parts)
    const { getter } = parts
    const change = map as (value: unknown, key: unknown) => unknown
    const changed = { getter: getter && derivedGetter(getter, mapRow(change)), value: json() }
    return this.#with(parts, 'mapValues', options, tableMapProcessor(change), changed)
  }

  /**
   * Makes the values of rows by code of your own, with stores; it is told of rows that are removed as well, by null. It
   * runs once for each change: what needs to know what a row was, such as `groupBy`, keeps the results in a store.
   * Kafka: KTable.transformValues.
   */
  transformValues<R>(
    make: ValueTransformer<K, V, R>,
    ...[options]: WithSerde<R, TransformValuesOptions<R>>
  ): Table<K, R> {
    return this.dsl.table(transformTable(this.parts, make as AnyValueTransformer, options ?? {}))
  }

  /**
   * Rows of both tables with the same key; with `on` by a key that a row of this one has in it (a foreign key). With a
   * name the result is kept in a store of that name, which queries may ask. Kafka: KTable.join.
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

  /** As {@link join}, and rows of this table without one of the other have null for it. */
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

  /** Rows that either table has; see {@link join}. */
  outerJoin<R, J>(
    other: Table<K, R>,
    joiner: (left: V | null, right: R | null, key: K) => J,
    options?: StateOptions<J>,
  ): Table<K, J>
  outerJoin<R>(other: Table<K, R>, options?: StateOptions<[V | null, R | null]>): Table<K, [V | null, R | null]>
  outerJoin<J>(other: unknown, first?: unknown, second?: unknown): Table<K, J> {
    return this.#join('outer', other, first, second)
  }

  /** Groups the rows by another key: what aggregations of tables begin with. */
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

  /** Holds changes back, so that only the last one of a key within that time is handed on. Kafka: KTable.suppress. */
  suppress(options: SuppressOptions): Table<K, V> {
    return this.#hold(suppressionOf(this.parts, options), options.name)
  }

  /**
   * Hands on one result for each window, when it is closed: of an aggregation by windows, or of what `filter`,
   * `mapValues`, `transformValues` or a join has made of such. `emit: 'final'` of the window does the same for the
   * aggregation itself, with less work. When more windows are open than the limits say, the application ends with the
   * error BUFFER_FULL: a result that is handed on early would not be final. Kafka: Suppressed.untilWindowCloses, with
   * shutDownWhenFull.
   *
   * @throws InvalidRequestError when the keys are no windows, or such as are never closed
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
    // A final result is told once, so there was none before.
    const olds = suppression.dropsTombstones ? toldOlds : unknownOlds
    const held = { getter: undefined, hasOld: false, olds, store: undefined, openMs: undefined }
    return this.dsl.table({ ...this.parts, node, ...held })
  }

  /** Its changes as a stream; a removed key has the value null. */
  toStream(options: Named = {}): Stream<K, V> {
    const { name } = optionsOf('toStream', namedOptions, options)
    const { graph, key, value, lineage, node: table } = this.parts
    const node = graph.whole.processor({ operator: 'toStream', name, inputs: [table], build: toStreamProcessor })
    return this.dsl.stream({ graph, node, key, value, lineage, keyLabel: undefined, isRekeyed: false })
  }

  /** Writes its changes to a topic, which compaction suits. See {@link Stream.to}. */
  to(topic: OutputTopic<K, V> | ChooseTopic<K, V>, options: ToOptions<K, V> = {}): Startable {
    return this.toStream().to(topic, options)
  }

  /** Does something with each change; the value of a removed key is null. */
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
    return this.#with(parts, operator, options, tableFilterProcessor(predicate, olds), changed)
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
