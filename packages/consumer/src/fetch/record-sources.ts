import type { TransactionalReader } from '@kafkado/core'
import type { OffsetCommits } from '../commit/offset-commits.ts'
import type { TopicSubscription } from '../group/topic-subscription.ts'
import type { PartitionSource, PartitionState } from '../partition/partition-state.ts'

interface SourceParts<V, K> {
  readonly subscription: TopicSubscription<V, K>
  readonly commits: OffsetCommits<V, K>
  /** The reader that tells a transaction what to commit for the records. */
  readonly reader: TransactionalReader
}

/** The shared parts of each partition's records, one object for each state of the partition. */
export class RecordSources<V, K> {
  readonly #parts: SourceParts<V, K>
  readonly #sources = new WeakMap<PartitionState<V, K>, PartitionSource<V, K>>()

  constructor(parts: SourceParts<V, K>) {
    this.#parts = parts
  }

  of(state: PartitionState<V, K>): PartitionSource<V, K> {
    const known = this.#sources.get(state)
    if (known) return known
    const { subscription, commits, reader } = this.#parts
    const { topic, partition } = state
    const { key, value } = subscription.definitionOf(topic)
    const source: PartitionSource<V, K> = {
      topic,
      partition,
      keySerde: key,
      valueSerde: value,
      state,
      commit: ({ offset }) => commits.commitThrough(state, offset),
      reader,
    }
    this.#sources.set(state, source)
    return source
  }
}
