import type { TopicDefinition } from '@kafkado/core'
import type { AnySerdeLike, IsJson, WithoutNull } from './types.ts'

export interface MapOptions {
  /** How the keys are written that come out of it. Default text as it is, and JSON for others, in internal topics. */
  key?: AnySerdeLike | undefined
}

export interface SplitOptions<Default extends string = string> {
  /** The name of the stream of the records for which no predicate holds. Default: they go nowhere. Kafka: BranchedKStream.defaultBranch. */
  default?: Default | undefined
}

export interface MapAsyncOptions {
  /** How many calls run at a time. Default 16. */
  concurrency?: number | undefined
  /** Whether results keep the order of the whole partition (default), or only of each key, so that a slow one holds up its own key alone. */
  order?: 'key' | 'partition' | undefined
}

export interface RepartitionOptions {
  /** The name of the internal topic, after that of the application. Default made of the source and the key. */
  name?: string | undefined
  /** How many partitions it has. Default as many as what it is joined with, or as the source. */
  partitions?: number | undefined
}

/** An output topic: by name where JSON does for the values, else with a definition. */
export type OutputTopic<K, V> =
  | TopicDefinition<V, WithoutNull<K>>
  | TopicDefinition<unknown, WithoutNull<K>>
  | (IsJson<V> extends true ? (unknown extends K ? string : K extends string | null | object ? string : never) : never)
