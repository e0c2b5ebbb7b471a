import type { KafkaRecord, Serde, TopicDefinition } from '@kafkado/core'
import type { BuildGlobalProcessor } from '../processors/global-processor.ts'
import type { BuildProcessor, ChoosePartition } from '../processors/processor.ts'
import type { StoreDefinition } from '../state/store-definition.ts'

export type AnyTopic = TopicDefinition<unknown, unknown>

/** Extracts the time of a record; a negative time is not valid. Kafka: TimestampExtractor. */
export type TimestampExtractor = (value: unknown, key: unknown, record: KafkaRecord<unknown, unknown>) => number

/** What to do with a record whose time is not valid: fail, skip it, or give it the time of its partition. */
export type InvalidTimestamp = 'fail' | 'skip' | 'partition-time'

interface NodeBase {
  /**
   * Its name within the topology: the given one, or else the operator's name and a number. A default name yields to a
   * name given later.
   */
  name: string
  readonly inputs: readonly GraphNode[]
}

/** Reads a topic, or all topics that match a pattern. */
export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  /** Its name and its serdes. For a pattern, the pattern's source replaces the name; no topic can have such a name. */
  readonly topic: AnyTopic
  /** Set if it reads all matching topics, including later ones. */
  readonly pattern?: RegExp | undefined
  readonly timestampOf: TimestampExtractor | undefined
  readonly invalidTimestamp: InvalidTimestamp
}

/** A node that takes records and forwards or writes them. */
export interface ProcessorNode extends NodeBase {
  readonly kind: 'processor'
  /** May include nodes that follow in the order of the graph: see {@link Graph.feedBack}. */
  readonly inputs: GraphNode[]
  readonly operator: string
  readonly stores: readonly StoreDefinition[]
  readonly sinks: readonly AnyTopic[]
  /** The global tables that it reads. */
  readonly globals: readonly GlobalTableNode[]
  readonly build: BuildProcessor
  /** Whether it forwards its input values unchanged, so that a topic can get their bytes as read. */
  readonly keepsValues: boolean
  /** Whether it processes records without a key, like a left join. A repartition before it then forwards them. */
  readonly takesNullKeys: boolean
  /** Whether its inputs must have the same number of partitions. */
  readonly needsCopartitioning: boolean
}

/** Writes to an internal topic and reads it back, so that records of a key meet in one task. */
export interface RepartitionNode extends NodeBase {
  readonly kind: 'repartition'
  /** The name of the topic without the application's name. */
  readonly topicSuffix: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  /** Undefined: as many as its join partner has, or as the source of the records. */
  readonly partitions: number | undefined
  /** Whether records without a key pass through it, whatever follows. */
  readonly keepsNullKeys?: boolean
  /** Chooses the partition of a record; undefined: by its key. */
  readonly partition?: ChoosePartition | undefined
  readonly reason: string
}

/** The records that were too late for an aggregation's windows. */
export interface LateNode extends NodeBase {
  readonly kind: 'late'
}

/** A topic that every member holds as a whole. */
export interface GlobalTableNode {
  readonly name: string
  readonly topic: AnyTopic
  readonly store: StoreDefinition
  /** Fills the store from the topic; without it the store holds the topic as it is. */
  readonly build?: BuildGlobalProcessor
}

export type GraphNode = SourceNode | ProcessorNode | RepartitionNode | LateNode

/**
 * The node in whose task a repartition's records are read. A repartition is a sink for the nodes before it and a source
 * for the nodes after it.
 */
export function isSource(node: GraphNode): node is SourceNode | RepartitionNode {
  return node.kind === 'source' || node.kind === 'repartition'
}
