import type { TopicDefinition } from '@kafkado/core'
import { choiceField, type ConfigFields, integerField, textField } from '@kafkado/core/internal'
import type { KeyValue } from '../../processors/key-value.ts'
import type { RecordContext } from '../../processors/processor.ts'
import { namedOptions, partitionOptions, valueOptions } from '../operator-options.ts'
import type { AnySerdeLike, IsJson, Named, WithoutNull } from '../types.ts'

/** A function of a value, its key and further facts about the record. */
export type Select<K, V, R> = (value: V, key: K, record: RecordContext) => R
/** The value from a function that may return key and value: the value itself, or the one inside. */
export type ValueOf<R> = R extends KeyValue<infer _, infer V> ? V : R
export type KeyOf<K, R> = R extends KeyValue<infer K2, infer _> ? K2 : K

export interface MapOptions extends Named {
  /**
   * The serde of the resulting keys. Default: strings as they are, and JSON for other keys in internal topics. Set it
   * when another reader of the keys expects a certain form.
   */
  key?: AnySerdeLike | undefined
}

/** `name` also begins the names of its branches. */
export interface SplitOptions<Default extends string = string> extends Named {
  /**
   * The name of the stream with the records that match no predicate. Default: these records are dropped. Set it to
   * process them. Kafka: BranchedKStream.defaultBranch.
   */
  default?: Default | undefined
}

export interface MapAsyncOptions extends Named {
  /**
   * How many calls run at a time. Default 16. Raise it for slow calls to a system that can take more at once; lower it
   * to spare that system.
   */
  concurrency?: number | undefined
  /**
   * Whether results keep the order of the whole partition (`'partition'`, the default) or only of each key (`'key'`).
   * With `'key'`, a slow call holds up only its own key. Choose `'key'` when calls take unequal time and readers
   * compare only records of the same key.
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
 * Chooses the partition of a record, from 0 up, in a topic with so many partitions. May return a list, to write to each
 * of them; an empty list drops the record and counts it (`'no-partition'`). Undefined chooses the partition of the key.
 * It is called once for a record, when the number is known. Kafka: StreamPartitioner, with the sets of KIP-837.
 */
export type PartitionOf<K, V> = (value: V, key: K, partitions: number) => number | readonly number[] | undefined

export interface RepartitionOptions<K = unknown, V = unknown> {
  /**
   * The name of the internal topic, after the name of the application. Default: made of the source and the key. Set it
   * to keep the topic when the topology changes. Kafka: Repartitioned.as.
   */
  name?: string | undefined
  /**
   * Chooses the partition of a record. Default: the partition of its key. Later joins and aggregations by key need all
   * records of a key in one partition. Kafka: Repartitioned.streamPartitioner.
   */
  partition?: PartitionOf<K, V> | undefined
  /**
   * The number of partitions. Default: as many as its join partner or its source. Raise it for more parallel tasks
   * after a source with few partitions. Kafka: Repartitioned.withNumberOfPartitions.
   */
  partitions?: number | undefined
}

export interface ToOptions<K, V> extends Named {
  /**
   * Chooses the partition of a record. Default: the partition of its key, as other clients of Kafka choose it. A number
   * outside the topic is an error of that record. Kafka: Produced.withStreamPartitioner.
   */
  partition?: PartitionOf<K, V> | undefined
}

/**
 * Chooses the topic of each record: by name if JSON suits the values, otherwise by a definition made earlier. Kafka:
 * TopicNameExtractor.
 */
export type ChooseTopic<K, V> = (value: V, key: K, record: RecordContext) => OutputTopic<K, V>

/** An output topic: by name if JSON suits the values, otherwise by a definition. */
export type OutputTopic<K, V> =
  | TopicDefinition<V, WithoutNull<K>>
  | TopicDefinition<unknown, WithoutNull<K>>
  | (IsJson<V> extends true ? (unknown extends K ? string : K extends string | null | object ? string : never) : never)
