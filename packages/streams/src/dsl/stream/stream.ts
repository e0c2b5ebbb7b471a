import { json, type SerdeLike } from '@kafkado/core'
import { mapAsyncProcessor } from '../../processors/map-async.ts'
import type { ProcessorNode } from '../../graph/graph-node.ts'
import type { BuildProcessor, ChoosePartition, RecordContext } from '../../processors/processor.ts'
import * as stateless from '../../processors/stateless.ts'
import type { Window } from '../../windows/windows.ts'
import { groupedBy } from './grouped-by.ts'
import type { GroupedStream } from './grouped-stream.ts'
import { JoinableStream } from './joinable-stream.ts'
import { merged } from './merge.ts'
import { stateName, type StreamParts } from '../parts.ts'
import {
  type KeyOf,
  mapAsyncOptions,
  type MapAsyncOptions,
  type MapOptions,
  type OutputTopic,
  type RepartitionOptions,
  repartitionOptions,
  type Select,
  type SplitOptions,
  type ToOptions,
  type ValueOf,
} from './stream-options.ts'
import {
  type AnyFixedKeyProcessor,
  type AnyProcessor,
  type FixedKeyProcessor,
  type ProcessOptions,
  type Processor,
  processStream,
  processStreamValues,
  type ProcessValuesOptions,
} from '../processor-api/process.ts'
import { rekeyed, repartitioned } from './repartitioned.ts'
import { derivedKeySerde, serdeOf, valued } from '../serdes.ts'
import { splitStream } from './split.ts'
import type { Table } from '../table/table.ts'
import { tableOf } from '../table/table-of.ts'
import { writeThrough } from './to.ts'
import { valueFunction } from '../value-function.ts'
import {
  type GroupingOptions,
  groupingOptions,
  keyOptions,
  namedOptions,
  optionsOf,
  stateOptions,
  valueOptions,
} from '../operator-options.ts'
import type {
  AnySerdeLike,
  AnyStateOptions,
  Named,
  StateOptions,
  Synchronous,
  WithSerde,
  WithoutNull,
} from '../types.ts'
import type { WindowedStream } from '../windowed/windowed-stream.ts'

/**
 * A stream of records. Operators describe how to process them; nothing runs before `start()`. Functions get the value
 * first, then the key, then further facts about the record. Kafka: KStream.
 */
export class Stream<in out K, in out V> extends JoinableStream<K, V> {
  /**
   * Keeps only the records that match the predicate; a type guard narrows the type of the values. Kafka:
   * KStream.filter.
   */
  filter<V2 extends V>(
    predicate: (value: V, key: K, record: RecordContext) => value is V2,
    options?: Named,
  ): Stream<K, V2>
  filter(predicate: Select<K, V, boolean>, options?: Named): Stream<K, V>
  filter<V2>(predicate: Select<K, V, boolean>, options: Named = {}): Stream<K, V2> {
    const build = stateless.filterProcessor('filter', valueFunction(predicate))
    return this.#with({ node: this.#node('filter', build, options, true) })
  }

  /**
   * Removes the records that match the predicate; a type guard narrows the type of the values if it is a union. Kafka:
   * KStream.filterNot.
   */
  filterNot<V2 extends V>(
    predicate: (value: V, key: K, record: RecordContext) => value is V2,
    options?: Named,
  ): Stream<K, Exclude<V, V2>>
  filterNot(predicate: Select<K, V, boolean>, options?: Named): Stream<K, V>
  filterNot(predicate: Select<K, V, boolean>, options: Named = {}): unknown {
    const build = stateless.filterProcessor('filterNot', stateless.negated('filterNot', valueFunction(predicate)))
    return this.#with({ node: this.#node('filterNot', build, options, true) })
  }

  /**
   * Replaces each value; or key and value, if the function returns `keyValue(key, value)`. The key counts as changed.
   */
  map<R>(map: Select<K, V, R> & Synchronous<R>, options: MapOptions = {}): Stream<KeyOf<K, R>, ValueOf<R>> {
    return this.#mapped(this.#node('map', stateless.mapProcessor(valueFunction(map)), options), options)
  }

  /** Replaces each value and keeps the key, so that no repartitioning is needed. */
  mapValues<R>(map: Select<K, V, R> & Synchronous<R>, options: Named = {}): Stream<K, R> {
    const node = this.#node('mapValues', stateless.mapValuesProcessor(valueFunction(map)), options)
    return this.#with({ node, value: json() })
  }

  /** Replaces each record by any number of values, or of `keyValue(key, value)`. */
  flatMap<R>(map: Select<K, V, Iterable<R>>, options: MapOptions = {}): Stream<KeyOf<K, R>, ValueOf<R>> {
    return this.#mapped(this.#node('flatMap', stateless.flatMapProcessor(valueFunction(map)), options), options)
  }

  /**
   * Replaces each value by any number of values with the same key, so that no repartitioning is needed. Kafka:
   * KStream.flatMapValues.
   */
  flatMapValues<R>(map: Select<K, V, Iterable<R>>, options: Named = {}): Stream<K, R> {
    const build = stateless.flatMapValuesProcessor(valueFunction(map))
    return this.#with({ node: this.#node('flatMapValues', build, options), value: json() })
  }

  /**
   * Gives each record another key.
   *
   * @param options the serde of these keys. Default: strings as they are, and JSON for other keys in internal topics
   */
  selectKey<K2>(
    select: Select<K, V, K2> & Synchronous<K2>,
    options: { key?: SerdeLike<K2>; name?: string } = {},
  ): Stream<K2, V> {
    const { key: given, name } = optionsOf('selectKey', keyOptions, options as GroupingOptions)
    const key = given === undefined ? undefined : serdeOf(given)
    return this.dsl.stream(rekeyed(this.parts, 'selectKey', valueFunction(select), key, name, name))
  }

  /**
   * Replaces each value by the result of an asynchronous function, several calls at a time. Commits wait for the calls
   * under way. With exactly once, they must complete within `producer.transactionTimeout`, 10 s by default: otherwise
   * the transaction times out, and the records are processed again. After three times in a row, the application fails
   * with `OPERATOR_TOO_SLOW`.
   *
   * @param map when it rejects, `onError` decides as for any other error
   */
  mapAsync<R>(map: Select<K, V, Promise<R>>, options: MapAsyncOptions = {}): Stream<K, R> {
    const { concurrency = 16, order = 'partition', name } = optionsOf('mapAsync', mapAsyncOptions, options)
    const node = this.#node('mapAsync', mapAsyncProcessor(valueFunction(map), { concurrency, order }), { name })
    return this.#with({ node, value: json() })
  }

  /** Calls a function with each record and forwards it unchanged. */
  peek(look: Select<K, V, void>, options: Named = {}): Stream<K, V> {
    return this.#with({ node: this.#node('peek', stateless.peekProcessor('peek', valueFunction(look)), options) })
  }

  /** Merges both streams, in no particular order between them. */
  merge(other: Stream<K, V>, options: Named = {}): Stream<K, V> {
    const { name } = optionsOf('merge', namedOptions, options)
    return this.#with(merged(this.parts, other.parts, name))
  }

  /**
   * Makes a stream for each predicate, with the records it is the first to match. A record without a match goes to the
   * stream named by `default`, or is dropped. Kafka: KStream.split, Branched, BranchedKStream.defaultBranch.
   *
   * @throws InvalidRequestError when `default` is the name of a predicate
   */
  split<Names extends string, Default extends string = never>(
    branches: Record<Names, Select<K, V, boolean>>,
    options: SplitOptions<Default> = {},
  ): Record<Names | Default, Stream<K, V>> {
    const predicates = Object.entries<Select<K, V, boolean>>(branches).map(([name, holds]) => [
      name,
      valueFunction(holds),
    ])
    const split = Object.entries(splitStream(this.parts, Object.fromEntries(predicates), options))
    const streams = split.map(([name, parts]) => [name, this.#with(parts)])
    return Object.fromEntries(streams) as Record<Names | Default, Stream<K, V>>
  }

  /** Groups by another key, for an aggregation. Null keys are dropped. */
  groupBy<K2>(
    select: Select<K, V, K2> & Synchronous<K2>,
    ...[options]: WithSerde<V, { key?: SerdeLike<WithoutNull<K2>>; value?: SerdeLike<V>; name?: string }>
  ): GroupedStream<WithoutNull<K2>, V> {
    const given = optionsOf('groupBy', groupingOptions, options as GroupingOptions | undefined)
    return this.dsl.grouped(groupedBy(this.parts, valueFunction(select), given), given.name)
  }

  /**
   * Groups by the current key. A `name` becomes the name of the internal topic, if one is needed, and keeps it from
   * being shared. Kafka: Grouped.as.
   */
  groupByKey(...[options]: WithSerde<V, { value?: SerdeLike<V>; name?: string }>): GroupedStream<WithoutNull<K>, V> {
    const { value, name } = optionsOf('groupByKey', valueOptions, options as GroupingOptions | undefined)
    return this.dsl.grouped(valued(this.parts, value), name)
  }

  /** Cuts time into windows. Follow it by `groupBy`. */
  window<W extends Window>(window: W): WindowedStream<K, V, W> {
    return this.dsl.windowed(this.parts, window)
  }

  /** Keeps the last value of each key in a store. A null removes the key. */
  toTable(...[options]: WithSerde<V, StateOptions<V>>): Table<WithoutNull<K>, V> {
    const given = optionsOf('toTable', stateOptions, options as AnyStateOptions | undefined)
    const parts = repartitioned(valued(this.parts, given.value), 'a table needs the records of a key in one task')
    const name = stateName(parts, 'table', given)
    const purpose = `the last value of each key of ${parts.lineage}`
    const choice = { name, hasName: given.name !== undefined, purpose, isCached: given.cache !== false }
    return this.dsl.table(tableOf(parts, 'toTable', choice))
  }

  /**
   * Sends the records through an internal topic, to others with the same key. Records without a key are dropped, unless
   * a left or outer join follows.
   */
  repartition(...[options]: WithSerde<V, RepartitionOptions<K, V> & { value?: SerdeLike<V> }>): Stream<K, V> {
    const given = options as (RepartitionOptions & { value?: AnySerdeLike | undefined }) | undefined
    const { name, partitions, partition, value } = optionsOf('repartition', repartitionOptions, given)
    const parts = valued({ ...this.parts, isRekeyed: true }, value)
    const choice = { name, partitions, partition: partition as ChoosePartition | undefined, isOwn: true }
    return this.dsl.stream(repartitioned(parts, 'repartition() was asked for', choice))
  }

  /** Writes to a topic and continues with its records. The topic must exist, because it is not an internal one. */
  through(topic: OutputTopic<K, V>, options: ToOptions<K, V> = {}): Stream<K, V> {
    const parts = writeThrough(this.parts, topic, options as ToOptions<unknown, unknown>)
    return this.dsl.stream(parts)
  }

  /**
   * Processes records by your own code, with stores and punctuations. The key counts as changed. Kafka:
   * KStream.process.
   */
  process<K2 = K, V2 = V>(make: Processor<K, V, K2, V2>, options: ProcessOptions = {}): Stream<K2, V2> {
    return this.dsl.stream(processStream(this.parts, make as AnyProcessor, options))
  }

  /**
   * Processes records by your own code that keeps their keys, so that no repartitioning is needed. Kafka:
   * KStream.processValues, FixedKeyProcessor.
   */
  processValues<V2 = V>(make: FixedKeyProcessor<K, V, V2>, options: ProcessValuesOptions = {}): Stream<K, V2> {
    return this.dsl.stream(processStreamValues(this.parts, make as AnyFixedKeyProcessor, options))
  }

  #mapped<K2, V2>(node: ProcessorNode, options: MapOptions): Stream<K2, V2> {
    const key = options.key === undefined ? derivedKeySerde : serdeOf(options.key)
    return this.#with({ node, key, value: json(), isRekeyed: true })
  }

  #node(operator: string, build: BuildProcessor, options: Named, keepsValues = false): ProcessorNode {
    const { name } = optionsOf(
      operator,
      operator === 'map' || operator === 'flatMap' ? keyOptions : namedOptions,
      options,
    )
    return this.parts.graph.whole.processor({ operator, name, inputs: [this.parts.node], build, keepsValues })
  }

  #with<K2, V2>(changes: Partial<StreamParts>): Stream<K2, V2> {
    return this.dsl.stream({ ...this.parts, ...changes })
  }
}
