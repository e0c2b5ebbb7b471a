import type { TopicSelection } from '@kafkado/consumer'
import { json, type TopicLike } from '@kafkado/core'
import { anyField, booleanField, type ConfigFields, textField } from '@kafkado/core/internal'
import { describeTopology, explainTopology, type TopologyDescription } from '../graph/describe.ts'
import { Graph } from '../graph/graph.ts'
import type { InvalidTimestamp, TimestampExtractor } from '../graph/graph-node.ts'
import { type Topology, topologyOf } from '../graph/topology.ts'
import type { StreamsApp } from '../app/streams-app.ts'
import type { StreamsOptions } from '../settings/streams-options.ts'
import type { ChoosePartition } from '../processors/processor.ts'
import type { Dsl } from './dsl.ts'
import { dslOf } from './dsl-of.ts'
import { GlobalTable } from './table/global-table.ts'
import { type GlobalProcessor, type GlobalStoreOptions, globalProcessor } from './processor-api/global-store.ts'
import type { AnyProcessor, ProcessOptions, Processor } from './processor-api/process.ts'
import { definedStore, SharedStore, type StoreOptions } from './processor-api/store-options.ts'
import {
  namedProcessor,
  namedSink,
  namedSource,
  type Parents,
  processorNodeOptions,
  sinkOptions,
  TopologyNode,
} from './processor-api/topology-node.ts'
import { mergedSources } from './stream/merge.ts'
import { namedOptions, optionsOf } from './operator-options.ts'
import { oneTopic, selectedSource } from './stream/selected-source.ts'
import type { OutputTopic, PartitionOf } from './stream/stream-options.ts'
import type { StreamParts } from './parts.ts'
import type { Startable } from './startable.ts'
import type { Stream } from './stream/stream.ts'
import type { Table } from './table/table.ts'
import { storeOf, tableOf } from './table/table-of.ts'
import type { Named } from './types.ts'

export interface SourceOptions<V = unknown, K = string> {
  /**
   * Extracts the time of a record. Default: the record's own timestamp. Set it when windows and joins should use a time
   * from the value. In milliseconds since the epoch. Kafka: TimestampExtractor.
   */
  timestamp?: ((value: V, key: K | null, record: { readonly timestamp: number }) => number) | undefined
  /**
   * What to do with a record whose time is negative. `'fail'` (default) ends the application, `'skip'` drops the
   * record, `'partition-time'` gives it the greatest time of its partition so far. Change it when producers write
   * records without a usable time. Kafka: FailOnInvalidTimestamp, LogAndSkipOnInvalidTimestamp,
   * UsePartitionTimeOnInvalidTimestamp.
   */
  invalidTimestamp?: InvalidTimestamp | undefined
}

export interface TableOptions<V = unknown, K = string> extends SourceOptions<V, K> {
  /**
   * The name of its store. Default: the name of the topic. Set it to query the table by another name. Kafka:
   * Materialized.as.
   */
  name?: string | undefined
  /**
   * Whether its updates may be held back. Default true; see {@link StateOptions.cache} for when to change it. A table
   * without a name that no operator looks up never holds any back, because Kafka Streams does not keep it.
   */
  cache?: boolean | undefined
}

const sourceOptions: ConfigFields<SourceOptions> = { timestamp: anyField(), invalidTimestamp: anyField() }
const streamOptions: ConfigFields<SourceOptions & Named> = { ...sourceOptions, ...namedOptions }
const explainOptions: ConfigFields<{ application?: string }> = { application: textField() }
const tableOptions: ConfigFields<TableOptions> = { ...sourceOptions, ...namedOptions, cache: booleanField() }

/** Runs a topology on the builder's transport. */
export type StartTopology = (graph: Graph, options: StreamsOptions) => Promise<StreamsApp>

/** The beginning of a topology. Made by {@link createStreamsBuilder} or `kafka.streams()`. Kafka: StreamsBuilder. */
export class StreamsBuilder implements Startable {
  readonly #graph: Graph
  readonly #dsl: Dsl
  readonly #start: StartTopology
  readonly #defaults: StreamsOptions

  /** @internal use {@link createStreamsBuilder} */
  constructor(start: StartTopology, defaults: StreamsOptions, graph: Graph = new Graph()) {
    this.#start = start
    this.#defaults = defaults
    this.#graph = graph
    this.#dsl = dslOf((whole) => new StreamsBuilder(start, defaults, whole))
  }

  /**
   * Reads a topic as a stream, or several topics as one, in no particular order between them. To group several topics
   * by their own key, give them the same number of partitions, so that a key is in the same partition of each.
   *
   * A regular expression, or the result of `topicsMatching` or `topicsWithPrefix`, reads all topics with matching
   * names, including later ones, with the same serdes; `record.topic` names the topic. While no topic matches, it
   * waits. The application's internal topics are left out. Kafka: StreamsBuilder.stream, also with a Pattern; `name`:
   * Consumed.as.
   *
   * @throws InvalidRequestError when the list is empty
   */
  stream<V = unknown, K = string>(
    topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
    options: SourceOptions<V, K> & Named = {},
  ): Stream<K | null, V> {
    const list = Array.isArray(topics) ? (topics as readonly TopicSelection<V, K>[]) : [topics as TopicSelection<V, K>]
    const { name, ...each } = optionsOf('stream', streamOptions, options as SourceOptions & Named)
    const parts = mergedSources(list.map((topic) => this.#source(topic, each as SourceOptions<V, K>)))
    return this.#dsl.stream(name === undefined ? parts : namedSource(parts, name))
  }

  /**
   * Reads a topic as a table: the last value of each key, in a store; a null removes the key. Kafka:
   * StreamsBuilder.table.
   */
  table<V = unknown, K = string>(topic: TopicLike<V, K>, options: TableOptions<V, K> = {}): Table<K, V> {
    optionsOf('table', tableOptions, options as TableOptions)
    const parts = this.#source(oneTopic('table', topic) as TopicLike<V, K>, options)
    const name = options.name ?? this.#graph.whole.uniqueName(`${parts.lineage}-table`)
    return this.#dsl.table(
      tableOf(parts, `table ${parts.lineage}`, {
        name,
        hasName: options.name !== undefined,
        isCached: options.cache !== false,
        purpose: `the last value of each key of topic '${parts.lineage}'`,
      }),
    )
  }

  /**
   * Reads a topic as a table that every member holds as a whole. It can be joined by any key. Kafka:
   * StreamsBuilder.globalTable.
   */
  globalTable<V = unknown, K = string>(topic: TopicLike<V, K>, options: { name?: string } = {}): GlobalTable<K, V> {
    optionsOf('globalTable', namedOptions, options)
    const definition = oneTopic('globalTable', topic)
    const graph = this.#graph.whole
    const name = options.name ?? graph.uniqueName(`${definition.name}-global`)
    const { key, value } = definition
    const purpose = `all of topic '${definition.name}'`
    const store = storeOf({ graph, key, value }, { name, purpose, isLogged: false })
    return new GlobalTable(graph, graph.global({ name: definition.name, topic: definition, store }))
  }

  /**
   * A table that every member holds as a whole; your own code fills it from a topic. At each start, the topic is read
   * from its beginning, again by your code. Kafka: StreamsBuilder.addGlobalStore.
   */
  addGlobalStore<SK, SV, V = unknown, K = string>(
    topic: TopicLike<V, K>,
    make: GlobalProcessor<K, V, SK, SV>,
    options: GlobalStoreOptions = {},
  ): GlobalTable<SK, SV> {
    const { name: given, ...serdes } = options
    const definition = oneTopic('addGlobalStore', topic)
    const graph = this.#graph.whole
    const name = given ?? graph.uniqueName(`${definition.name}-global`)
    const purpose = `what a processor makes of topic '${definition.name}'`
    const store = definedStore(graph, name, { ...serdes, logged: false }, purpose)
    const build = globalProcessor(name, make as GlobalProcessor<unknown, unknown, unknown, unknown>)
    return new GlobalTable(graph, graph.global({ name: definition.name, topic: definition, store, build }))
  }

  /**
   * Adds a store for several processors, which name it in their `stores`. They then run in the same tasks, as many as
   * the greatest number of partitions among their sources. Kafka: StreamsBuilder.addStateStore.
   *
   * @throws InvalidRequestError when another store has the name, or an option is not valid
   */
  addStateStore(name: string, options: StoreOptions = {}): SharedStore {
    const graph = this.#graph.whole
    return new SharedStore(graph, definedStore(graph, name, options, `the store '${name}' that processors share`))
  }

  /**
   * Adds a named source for processors. Kafka: Topology.addSource.
   *
   * @throws InvalidRequestError when another node has the name
   */
  addSource<V = unknown, K = string>(
    name: string,
    topic: TopicSelection<V, K>,
    options: SourceOptions<V, K> = {},
  ): TopologyNode<K | null, V> {
    optionsOf('addSource', sourceOptions, options as SourceOptions)
    return new TopologyNode(namedSource(this.#source(topic, options), name))
  }

  /**
   * Adds a named processor of your own after existing nodes. Records stay in their partition, whatever their keys: if
   * earlier processors have changed keys and this one keeps state by key, put `repartition()` of a stream in between.
   * Kafka: Topology.addProcessor.
   *
   * @throws InvalidRequestError when another node has the name, or there is no parent
   */
  addProcessor<K, V, K2 = K, V2 = V>(
    name: string,
    make: Processor<K, V, K2, V2>,
    given: Omit<ProcessOptions, 'name'> & { parents: Parents<K, V> },
  ): TopologyNode<K2, V2> {
    const { parents, ...options } = optionsOf('addProcessor', processorNodeOptions, given)
    return new TopologyNode(namedProcessor(name, make as AnyProcessor, parents as Parents<never, never>, options))
  }

  /**
   * Writes the records of nodes to a topic. Kafka: Topology.addSink.
   *
   * @throws InvalidRequestError as {@link addProcessor}
   */
  addSink<K, V>(
    name: string,
    topic: OutputTopic<K, V>,
    options: { parents: Parents<K, V>; partition?: PartitionOf<K, V> },
  ): TopologyNode<K, V> {
    const { parents, partition } = optionsOf('addSink', sinkOptions, options)
    return new TopologyNode(
      namedSink(name, topic, parents as Parents<never, never>, partition as ChoosePartition | undefined),
    )
  }

  /**
   * @throws InvalidRequestError when the topology or an option is not valid, or state of the last start would be lost
   */
  start(options: StreamsOptions = {}): Promise<StreamsApp> {
    return this.#start(this.#graph.whole, { ...this.#defaults, ...options })
  }

  describe(): TopologyDescription {
    return describeTopology(this.topology())
  }

  explain(options: { application?: string } = {}): string {
    const { application = this.#defaults.application ?? 'application' } = optionsOf('explain', explainOptions, options)
    return explainTopology(this.topology(), application)
  }

  /** @internal */
  topology(): Topology {
    return topologyOf(this.#graph)
  }

  #source<V, K>(
    selection: TopicSelection<V, K>,
    { timestamp, invalidTimestamp = 'fail' }: SourceOptions<V, K>,
  ): StreamParts {
    const { topic, pattern, lineage } = selectedSource(selection)
    const timestampOf = timestamp as TimestampExtractor | undefined
    const graph = this.#graph.whole
    const node = graph.source({ topic, pattern, timestampOf, invalidTimestamp })
    const { key, value } = topic
    return {
      graph,
      node,
      key,
      value: value ?? json(),
      lineage,
      keyLabel: undefined,
      isRekeyed: false,
    }
  }
}
