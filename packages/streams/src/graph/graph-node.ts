import type { KafkaRecord, Serde, TopicDefinition } from '@kafkado/core'
import type { BuildGlobalProcessor } from '../processors/global-processor.ts'
import type { BuildProcessor, ChoosePartition } from '../processors/processor.ts'
import type { StoreDefinition } from '../state/store-definition.ts'

export type AnyTopic = TopicDefinition<unknown, unknown>

/** The time of a record; a negative one is not valid. Kafka: TimestampExtractor. */
export type TimestampExtractor = (value: unknown, key: unknown, record: KafkaRecord<unknown, unknown>) => number

/** What to do with a record whose time is not valid: fail, leave it out, or give it the time of its partition. */
export type InvalidTimestamp = 'fail' | 'skip' | 'partition-time'

interface NodeBase {
  /**
   * Its name within the topology: the one that it was given; else that of the operator and a number, which yields to
   * one that is given later.
   */
  name: string
  readonly inputs: readonly GraphNode[]
}

/** Reads a topic, or all that a pattern matches. */
export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  /** Its name and how its records are read. In the place of a name a pattern has its text, which no topic can have. */
  readonly topic: AnyTopic
  /** Where it reads all topics that match, those that are made later as well. */
  readonly pattern?: RegExp | undefined
  readonly timestampOf: TimestampExtractor | undefined
  readonly invalidTimestamp: InvalidTimestamp
}

/** Anything that takes records and hands records on, or writes them. */
export interface ProcessorNode extends NodeBase {
  readonly kind: 'processor'
  /** Those that follow in the order of the graph as well: see {@link Graph.feedBack}. */
  readonly inputs: GraphNode[]
  readonly operator: string
  readonly stores: readonly StoreDefinition[]
  readonly sinks: readonly AnyTopic[]
  /** The whole tables that it reads. */
  readonly globals: readonly GlobalTableNode[]
  readonly build: BuildProcessor
  /**
   * Whether what it hands on are values that it was given, unchanged: then a topic can be given their bytes as they
   * came.
   */
  readonly keepsValues: boolean
  /**
   * Whether it makes something of records without a key, such as a left join: then a repartition before it hands them
   * on.
   */
  readonly takesNullKeys: boolean
  /** Whether the records of its inputs have to be in partitions of the same numbers. */
  readonly needsCopartitioning: boolean
}

/** Writes to an internal topic and reads it again, so that records of a key meet in one task. */
export interface RepartitionNode extends NodeBase {
  readonly kind: 'repartition'
  /** The name of the topic without that of the application. */
  readonly topicSuffix: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  /** Undefined: as many as what it is joined with has, or as where the records come from. */
  readonly partitions: number | undefined
  /** Whether records without a key go through it, whatever comes behind. */
  readonly keepsNullKeys?: boolean
  /** Which partition a record goes to; undefined: that of its key. */
  readonly partition?: ChoosePartition | undefined
  readonly reason: string
}

/** The records that came too late for an aggregation's windows. */
export interface LateNode extends NodeBase {
  readonly kind: 'late'
}

/** A topic that every member holds as a whole. */
export interface GlobalTableNode {
  readonly name: string
  readonly topic: AnyTopic
  readonly store: StoreDefinition
  /** What fills the store with what it makes of the topic; without it the store holds the topic as it is. */
  readonly build?: BuildGlobalProcessor
}

export type GraphNode = SourceNode | ProcessorNode | RepartitionNode | LateNode

/**
 * The node in whose task a repartition's records are read: the repartition is an end for what is before and a source
 * for what is after.
 */
export function isSource(node: GraphNode): node is SourceNode | RepartitionNode {
  return node.kind === 'source' || node.kind === 'repartition'
}
