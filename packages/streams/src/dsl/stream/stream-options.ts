import type { TopicDefinition } from '@kafkado/core'
import { choiceField, type ConfigFields, integerField, textField } from '@kafkado/core/internal'
import type { KeyValue } from '../../processors/key-value.ts'
import type { RecordContext } from '../../processors/processor.ts'
import { namedOptions, partitionOptions, valueOptions } from '../operator-options.ts'
import type { AnySerdeLike, IsJson, Named, WithoutNull } from '../types.ts'

/** A function of a value, then of its key and what else is known of the record. */
export type Select<K, V, R> = (value: V, key: K, record: RecordContext) => R
/** What a function gave that may give key and value: the value, or the key that then counts. */
export type ValueOf<R> = R extends KeyValue<infer _, infer V> ? V : R
export type KeyOf<K, R> = R extends KeyValue<infer K2, infer _> ? K2 : K

export interface MapOptions extends Named {
  /** How the keys are written that come out of it. Default text as it is, and JSON for others, in internal topics. */
  key?: AnySerdeLike | undefined
}

/** `name` also begins the names of its branches. */
export interface SplitOptions<Default extends string = string> extends Named {
  /**
   * The name of the stream of the records for which no predicate holds. Default: they go nowhere. Kafka:
   * BranchedKStream.defaultBranch.
   */
  default?: Default | undefined
}

export interface MapAsyncOptions extends Named {
  /** How many calls run at a time. Default 16. */
  concurrency?: number | undefined
  /**
   * Whether results keep the order of the whole partition (default), or only of each key, so that a slow one holds up
   * its own key alone.
   */
  order?: 'key' | 'partition' | undefined
}

export const repartitionOptions: ConfigFields<RepartitionOptions & { value?: AnySerdeLike | undefined }> = {
  ...partitionOptions,
  ...valueOptions,
  partitions: integerField(1),
}
export const splitOptions: ConfigFields<SplitOptions> = { ...namedOptions, default: textField() }
export const mapAsyncOptions: ConfigFields<MapAsyncOptions> = {
  ...namedOptions,
  concurrency: integerField(1),
  order: choiceField('key', 'partition'),
}

/**
 * Which partition of a topic with so many a record goes to, from 0 up; a list of several, to each of which it is
 * written, or an empty one, so that it goes nowhere and is counted as dropped (`'no-partition'`); undefined for the
 * partition of its key. It is called once for a record, when the number is known. Kafka: StreamPartitioner, with the
 * sets of KIP-837.
 */
export type PartitionOf<K, V> = (value: V, key: K, partitions: number) => number | readonly number[] | undefined

export interface RepartitionOptions<K = unknown, V = unknown> {
  /**
   * The name of the internal topic, after that of the application. Default made of the source and the key. Kafka:
   * Repartitioned.as.
   */
  name?: string | undefined
  /**
   * Which partition a record goes to. Default that of its key. What meets others by key behind it needs them in the
   * same one. Kafka: Repartitioned.streamPartitioner.
   */
  partition?: PartitionOf<K, V> | undefined
  /** How many partitions it has. Default as many as what it is joined with, or as the source. */
  partitions?: number | undefined
}

export interface ToOptions<K, V> extends Named {
  /**
   * Which partition a record goes to. Default that of its key, as other clients of Kafka choose it. A number that is
   * none of the topic's is an error of that record. Kafka: Produced.withStreamPartitioner.
   */
  partition?: PartitionOf<K, V> | undefined
}

/**
 * Chooses the topic of each record, by name where JSON does for the values, else a definition that was made before.
 * Kafka: TopicNameExtractor.
 */
export type ChooseTopic<K, V> = (value: V, key: K, record: RecordContext) => OutputTopic<K, V>

/** An output topic: by name where JSON does for the values, else with a definition. */
export type OutputTopic<K, V> =
  | TopicDefinition<V, WithoutNull<K>>
  | TopicDefinition<unknown, WithoutNull<K>>
  | (IsJson<V> extends true ? (unknown extends K ? string : K extends string | null | object ? string : never) : never)
