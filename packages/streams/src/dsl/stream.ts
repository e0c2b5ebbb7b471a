import type { SerdeLike, TopicDefinition } from '@kafkado/core'
import { InvalidRequestError } from '@kafkado/core'
import { json } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { KeyValue } from '../key-value.ts'
import { mapAsyncProcessor } from '../processors/map-async.ts'
import type { BuildProcessor, RecordContext } from '../processors/processor.ts'
import * as stateless from '../processors/stateless.ts'
import type { Window } from '../windows/windows.ts'
import type { GlobalTable } from './global-table.ts'
import type { GroupedStream } from './grouped-stream.ts'
import type { JoinedStream } from './joined-stream.ts'
import {
  type GlobalJoinOptions,
  joinGlobalTable,
  joinStream,
  joinTable,
  type StreamJoinOptions,
  type TableJoinOptions,
} from './joins.ts'
import { stateName, type StreamParts } from './parts.ts'
import type { MapAsyncOptions, MapOptions, OutputTopic, RepartitionOptions } from './stream-options.ts'
import { type ProcessOptions, type Processor, processStream } from './process.ts'
import { rekeyed, repartitioned } from './repartitioned.ts'
import { derivedKeySerde, outputKeySerde, serdeOf } from './serdes.ts'
import type { Startable } from './startable.ts'
import type { Table } from './table.ts'
import { tableOf } from './table-of.ts'
import type { AnySerdeLike, StateOptions, Synchronous, WithSerde, WithoutNull } from './types.ts'
import type { WindowedStream } from './windowed-stream.ts'

type Select<K, V, R> = (value: V, key: K, record: RecordContext) => R
type ValueOf<R> = R extends KeyValue<infer _, infer V> ? V : R
type KeyOf<K, R> = R extends KeyValue<infer K2, infer _> ? K2 : K

/**
 * Records as they come. Operators describe what is to become of them; nothing runs before `start()`. Functions are given the value first, then the
 * key, then what else is known of the record. Kafka: KStream.
 */
export class Stream<in out K, in out V> {
  /** @internal */
  readonly parts: StreamParts
  // The types are part of what a stream is, so that one with other keys is no stand-in for it.
  declare readonly types: { key: K; value: V; take(key: K): void }

  /** @internal it comes from a StreamsBuilder or another stream */
  constructor(parts: StreamParts) {
    this.parts = parts
  }

  /** Leaves out the records for which the predicate does not hold; a type guard narrows the type of the values. */
  filter<V2 extends V>(predicate: (value: V, key: K, record: RecordContext) => value is V2): Stream<K, V2>
  filter(predicate: Select<K, V, boolean>): Stream<K, V>
  filter(predicate: unknown): never {
    return this.#with({
      node: this.#node('filter', stateless.filterProcessor('filter', predicate as never), true),
    }) as never
  }

  /** Replaces each value, or key and value where the function returns `keyValue(key, value)`. The key counts as changed. */
  map<R>(map: Select<K, V, R> & Synchronous<R>, options: MapOptions = {}): Stream<KeyOf<K, R>, ValueOf<R>> {
    return this.#mapped(this.#node('map', stateless.mapProcessor(map as never)), options)
  }

  /** Replaces each value and leaves the key, so nothing has to be repartitioned after it. */
  mapValues<R>(map: Select<K, V, R> & Synchronous<R>): Stream<K, R> {
    return this.#with({ node: this.#node('mapValues', stateless.mapValuesProcessor(map as never)), value: json() })
  }

  /** Replaces each record by any number of values, or of `keyValue(key, value)`. */
  flatMap<R>(map: Select<K, V, Iterable<R>>, options: MapOptions = {}): Stream<KeyOf<K, R>, ValueOf<R>> {
    return this.#mapped(this.#node('flatMap', stateless.flatMapProcessor(map as never)), options)
  }

  /** Gives each record another key. @param options how such keys are written; default text as it is, and JSON for others in internal topics */
  selectKey<K2>(
    select: Select<K, V, K2> & Synchronous<K2>,
    options: { key?: SerdeLike<K2>; name?: string } = {},
  ): Stream<K2, V> {
    const key = options.key === undefined ? undefined : serdeOf(options.key)
    return this.parts.dsl.stream(rekeyed(this.parts, 'selectKey', select as never, key, options.name))
  }

  /**
   * Replaces each value by what an asynchronous function resolves to, several at a time. Commits wait for what has begun.
   *
   * @param map when it rejects, `onError` decides as for any other error
   */
  mapAsync<R>(
    map: Select<K, V, Promise<R>>,
    { concurrency = 16, order = 'partition' }: MapAsyncOptions = {},
  ): Stream<K, R> {
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw new InvalidRequestError(
        `mapAsync: concurrency must be a whole number from 1 up, got ${String(concurrency)}`,
      )
    const node = this.#node('mapAsync', mapAsyncProcessor(map as never, { concurrency, order }))
    return this.#with({ node, value: json() })
  }

  /** Looks at each record on its way. */
  peek(look: Select<K, V, void>): Stream<K, V> {
    return this.#with({ node: this.#node('peek', stateless.peekProcessor('peek', look as never)) })
  }

  /** Both streams as one, in no particular order among them. */
  merge(other: Stream<K, V>): Stream<K, V> {
    const { graph, node, lineage } = this.parts
    graph.whole.absorb(other.parts.graph)
    const inputs = [node, other.parts.node]
    const merged = graph.whole.processor({
      operator: 'merge',
      inputs,
      build: stateless.mergeProcessor(2),
      keepsValues: true,
    })
    const isRekeyed = this.parts.isRekeyed || other.parts.isRekeyed
    return this.#with({ node: merged, lineage: `${lineage}-${other.parts.lineage}`, isRekeyed })
  }

  /** Writes each record to the topic of the first predicate that holds; one for which none holds is counted and goes nowhere. */
  branch(branches: readonly (readonly [predicate: Select<K, V, boolean>, topic: OutputTopic<K, V>])[]): Startable {
    const given = branches as readonly (readonly [predicate: unknown, topic: unknown])[]
    const sinks = given.map(([, topic]) => this.#output(topic))
    const pairs = given.map(([predicate], index) => [predicate, sinks[index]] as const)
    const { graph, node, dsl } = this.parts
    graph.whole.processor({
      operator: 'branch',
      inputs: [node],
      sinks,
      build: stateless.branchProcessor(pairs as never),
    })
    return dsl.startable(graph.whole)
  }

  /** A stream for each predicate, of the records for which it is the first to hold. */
  split<Names extends string>(branches: Record<Names, Select<K, V, boolean>>): Record<Names, Stream<K, V>> {
    const predicates = Object.entries<Select<K, V, boolean>>(branches)
    const streams = predicates.map(([name, own], index) => {
      const before = predicates.slice(0, index).map(([, predicate]) => predicate)
      const node = this.#node(`split ${name}`, stateless.splitProcessor(before as never, own as never), true)
      return [name, this.#with({ node, lineage: `${this.parts.lineage}-${name}` })] as const
    })
    return Object.fromEntries(streams) as Record<Names, Stream<K, V>>
  }

  /** Groups by another key: what aggregations begin with. Null keys are left out. */
  groupBy<K2>(
    select: Select<K, V, K2> & Synchronous<K2>,
    ...[options]: WithSerde<V, { key?: SerdeLike<WithoutNull<K2>>; value?: SerdeLike<V>; name?: string }>
  ): GroupedStream<WithoutNull<K2>, V> {
    const key = options?.key === undefined ? undefined : serdeOf(options.key)
    const parts = this.#valued(rekeyed(this.parts, 'groupBy', select as never, key, options?.name), options?.value)
    return this.parts.dsl.grouped(parts)
  }

  /** Groups by the key as it is. */
  groupByKey(...[options]: WithSerde<V, { value?: SerdeLike<V> }>): GroupedStream<WithoutNull<K>, V> {
    return this.parts.dsl.grouped(this.#valued(this.parts, options?.value))
  }

  /** Cuts time into windows: what follows is `groupBy`. */
  window<W extends Window>(window: W): WindowedStream<K, V, W> {
    return this.parts.dsl.windowed(this.parts, window)
  }

  /**
   * Joins another stream, within a window of time; a table, by looking up a row for each record; or a global table. What follows is given both
   * values. `on` compares a property of each side; without it the keys are compared.
   */
  join<R>(other: Stream<K, R>, options: StreamJoinOptions<V, R> & { on?: undefined }): JoinedStream<K, V, R>
  join<R, K2>(other: Stream<K2, R>, options: StreamJoinOptions<V, R> & { on: object }): JoinedStream<string, V, R>
  join<R>(other: Table<WithoutNull<K>, R>, options?: TableJoinOptions<V, R> & { on?: undefined }): JoinedStream<K, V, R>
  join<R, K2>(other: Table<K2, R>, options: TableJoinOptions<V, R> & { on: object }): JoinedStream<K2, V, R>
  join<R, K2>(other: GlobalTable<K2, R>, options: GlobalJoinOptions<K, V, K2>): JoinedStream<K, V, R>
  join(other: unknown, options: object = {}): never {
    return this.#join('inner', other, options)
  }

  /** As {@link join}, and a record that meets none is handed on alone, with null. */
  leftJoin<R>(other: Stream<K, R>, options: StreamJoinOptions<V, R> & { on?: undefined }): JoinedStream<K, V, R | null>
  leftJoin<R, K2>(
    other: Stream<K2, R>,
    options: StreamJoinOptions<V, R> & { on: object },
  ): JoinedStream<string, V, R | null>
  leftJoin<R>(
    other: Table<WithoutNull<K>, R>,
    options?: TableJoinOptions<V, R> & { on?: undefined },
  ): JoinedStream<K, V, R | null>
  leftJoin<R, K2>(other: Table<K2, R>, options: TableJoinOptions<V, R> & { on: object }): JoinedStream<K2, V, R | null>
  leftJoin<R, K2>(other: GlobalTable<K2, R>, options: GlobalJoinOptions<K, V, K2>): JoinedStream<K, V, R | null>
  leftJoin(other: unknown, options: object = {}): never {
    return this.#join('left', other, options)
  }

  /** As {@link join} of streams, and a record of either side that meets none is handed on alone. */
  outerJoin<R>(
    other: Stream<K, R>,
    options: StreamJoinOptions<V, R> & { on?: undefined },
  ): JoinedStream<K, V | null, R | null>
  outerJoin<R, K2>(
    other: Stream<K2, R>,
    options: StreamJoinOptions<V, R> & { on: object },
  ): JoinedStream<string, V | null, R | null>
  outerJoin(other: unknown, options: object = {}): never {
    return this.#join('outer', other, options)
  }

  /** The last value of each key, kept in a store. A null removes the key. */
  toTable(...[options]: WithSerde<V, StateOptions<V>>): Table<WithoutNull<K>, V> {
    const parts = repartitioned(
      this.#valued(this.parts, options?.value),
      'a table needs the records of a key in one task',
    )
    const name = stateName(parts, 'table', options as StateOptions<unknown>)
    const purpose = `the last value of each key of ${parts.lineage}`
    return this.parts.dsl.table(tableOf(parts, 'toTable', { name, hasName: options?.name !== undefined, purpose }))
  }

  /** Sends the records through an internal topic, to those of the same key; without a key they are left out, unless a left or outer join follows. */
  repartition(...[options]: WithSerde<V, RepartitionOptions & { value?: SerdeLike<V> }>): Stream<K, V> {
    const parts = this.#valued({ ...this.parts, isRekeyed: true }, options?.value)
    return this.parts.dsl.stream(repartitioned(parts, 'repartition() was asked for', options))
  }

  /** Writes to a topic and goes on with what it holds. Unlike an internal topic it has to exist. */
  through(topic: OutputTopic<K, V>): Stream<K, V> {
    const { graph, dsl } = this.parts
    this.to(topic)
    const output = this.#output(topic)
    const node = graph.whole.source({ topic: output, timestampOf: undefined, invalidTimestamp: 'fail' })
    const { key, value, name } = output
    return dsl.stream({ dsl, graph, node, key, value, lineage: name, keyLabel: undefined, isRekeyed: false })
  }

  /**
   * Writes to a topic.
   *
   * @param topic by name, for text keys and JSON values; or with a definition that says how they are written
   */
  to(topic: OutputTopic<K, V>): Startable {
    const { graph, node, dsl } = this.parts
    const sink = this.#output(topic)
    const build = stateless.sinkProcessor(sink)
    graph.whole.processor({ operator: `to ${sink.name}`, inputs: [node], sinks: [sink], build })
    return dsl.startable(graph.whole)
  }

  /** Does something with each record. It may be done again after a crash. */
  forEach(act: Select<K, V, void>): Startable {
    this.#node('forEach', stateless.peekProcessor('forEach', act as never))
    return this.parts.dsl.startable(this.parts.graph.whole)
  }

  /** Processes records by code of your own, with stores and punctuations. The key counts as changed. Kafka: KStream.process. */
  process<K2 = K, V2 = V>(make: Processor<K, V, K2, V2>, options: ProcessOptions = {}): Stream<K2, V2> {
    return this.parts.dsl.stream(processStream(this.parts, make as never, options))
  }

  #join(kind: 'inner' | 'left' | 'outer', other: unknown, options: object): never {
    const { dsl } = this.parts
    if (other instanceof Stream)
      return dsl.joined(joinStream(kind, this.parts, other.parts as StreamParts, options as never)) as never
    const foreign = (other as { parts?: { store?: unknown } } | undefined)?.parts
    if (foreign === undefined)
      throw new InvalidRequestError('join: give a stream, a table or a global table to join with')
    if (kind === 'outer')
      throw new InvalidRequestError('outerJoin: a stream has no outer join with a table; use leftJoin()')
    const joined =
      'node' in foreign
        ? joinTable(kind, this.parts, foreign as never, options as never)
        : joinGlobalTable(kind, this.parts, foreign as never, options as never)
    return dsl.joined(joined) as never
  }

  #mapped<K2, V2>(node: ReturnType<StreamParts['graph']['processor']>, options: MapOptions): Stream<K2, V2> {
    const key = options.key === undefined ? derivedKeySerde : serdeOf(options.key)
    return this.#with({ node, key, value: json(), isRekeyed: true })
  }

  #valued(parts: StreamParts, value: AnySerdeLike | undefined): StreamParts {
    return value === undefined ? parts : { ...parts, value: serdeOf(value) }
  }

  #output(topic: unknown): TopicDefinition<unknown, unknown> {
    const { key, value } = this.parts
    if (typeof topic === 'object') return topic as TopicDefinition<unknown, unknown>
    return { name: topicDefinitionOf(topic as string).name, key: outputKeySerde(key), value }
  }

  #node(operator: string, build: BuildProcessor, keepsValues = false): ReturnType<StreamParts['graph']['processor']> {
    return this.parts.graph.whole.processor({ operator, inputs: [this.parts.node], build, keepsValues })
  }

  #with<K2, V2>(changes: Partial<StreamParts>): Stream<K2, V2> {
    return this.parts.dsl.stream({ ...this.parts, ...changes })
  }
}
