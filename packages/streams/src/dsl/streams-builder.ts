import { json, type TopicLike } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import { describeTopology, explainTopology, type TopologyDescription } from '../graph/describe.ts'
import { Graph } from '../graph/graph.ts'
import type { AnyTopic, InvalidTimestamp, TimestampExtractor } from '../graph/graph-node.ts'
import { type Topology, topologyOf } from '../graph/topology.ts'
import type { StreamsApp } from '../app/streams-app.ts'
import type { StreamsOptions } from '../streams-options.ts'
import { dslOf } from './dsl.ts'
import { GlobalTable } from './table/global-table.ts'
import { mergedSources } from './stream/merge.ts'
import type { Dsl, StreamParts } from './parts.ts'
import type { Startable } from './startable.ts'
import { Stream } from './stream/stream.ts'
import { Table } from './table/table.ts'
import { storeOf, tableOf } from './table/table-of.ts'

export interface SourceOptions<V = unknown, K = string> {
  /** The time of a record. Default the record's own timestamp. Kafka: TimestampExtractor. */
  timestamp?: ((value: V, key: K | null, record: { readonly timestamp: number }) => number) | undefined
  /**
   * What to do with a record whose time is negative: fail (default), leave it out, or give it the greatest time of its partition so far. Kafka:
   * FailOnInvalidTimestamp, LogAndSkipOnInvalidTimestamp, UsePartitionTimeOnInvalidTimestamp.
   */
  invalidTimestamp?: InvalidTimestamp | undefined
}

export interface TableOptions<V = unknown, K = string> extends SourceOptions<V, K> {
  /** The name of its store. Default that of the topic. */
  name?: string | undefined
}

/** Runs a topology: with it a builder knows where. */
export type StartTopology = (graph: Graph, options: StreamsOptions) => Promise<StreamsApp>

/** What a topology begins with. Made by {@link createStreamsBuilder} or `kafka.streams()`. Kafka: StreamsBuilder. */
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
   * The records of a topic as they come, or of several topics as one stream, in no particular order among them. Where those are grouped by the key that
   * they have, give the topics as many partitions, so that a key is in the same one of each. Kafka: StreamsBuilder.stream.
   *
   * @throws InvalidRequestError when there is no topic in the list
   */
  stream<V = unknown, K = string>(
    topics: TopicLike<V, K> | readonly TopicLike<V, K>[],
    options: SourceOptions<V, K> = {},
  ): Stream<K | null, V> {
    const list = Array.isArray(topics) ? (topics as readonly TopicLike<V, K>[]) : [topics as TopicLike<V, K>]
    return new Stream(mergedSources(list.map((topic) => this.#source(topic, options))))
  }

  /** The last value of each key of a topic; a null removes it. It is kept in a store. Kafka: StreamsBuilder.table. */
  table<V = unknown, K = string>(topic: TopicLike<V, K>, options: TableOptions<V, K> = {}): Table<K, V> {
    const parts = this.#source(topic, options)
    const name = options.name ?? this.#graph.whole.uniqueName(`${parts.lineage}-table`)
    return new Table(
      tableOf(parts, `table ${parts.lineage}`, {
        name,
        hasName: options.name !== undefined,
        purpose: `the last value of each key of topic '${parts.lineage}'`,
      }),
    )
  }

  /** A table that every member has as a whole, so that it can be joined by any key. Kafka: StreamsBuilder.globalTable. */
  globalTable<V = unknown, K = string>(topic: TopicLike<V, K>, options: { name?: string } = {}): GlobalTable<K, V> {
    const definition = topicDefinitionOf(topic) as AnyTopic
    const graph = this.#graph.whole
    const name = options.name ?? graph.uniqueName(`${definition.name}-global`)
    const { key, value } = definition
    const purpose = `all of topic '${definition.name}'`
    const store = storeOf({ graph, key, value }, { name, purpose, isLogged: false })
    return new GlobalTable(graph, graph.global({ name: definition.name, topic: definition, store }))
  }

  /** @throws InvalidRequestError when the topology or an option is not valid, or state of the last start would be lost */
  start(options: StreamsOptions = {}): Promise<StreamsApp> {
    return this.#start(this.#graph.whole, { ...this.#defaults, ...options })
  }

  describe(): TopologyDescription {
    return describeTopology(this.topology())
  }

  explain({ application = this.#defaults.application ?? 'application' }: { application?: string } = {}): string {
    return explainTopology(this.topology(), application)
  }

  /** @internal */
  topology(): Topology {
    return topologyOf(this.#graph)
  }

  #source<V, K>(topic: TopicLike<V, K>, { timestamp, invalidTimestamp = 'fail' }: SourceOptions<V, K>): StreamParts {
    const definition = topicDefinitionOf(topic) as AnyTopic
    const timestampOf: TimestampExtractor | undefined =
      timestamp && ((record) => timestamp(record.value as V, record.key as K | null, record))
    const graph = this.#graph.whole
    const node = graph.source({ topic: definition, timestampOf, invalidTimestamp })
    const { name, key, value } = definition
    return {
      dsl: this.#dsl,
      graph,
      node,
      key,
      value: value ?? json(),
      lineage: name,
      keyLabel: undefined,
      isRekeyed: false,
    }
  }
}
