import type { TransactionalReader } from '@kafkado/core'
import type { PartitionSource, PartitionState } from '../partition/partition-state.ts'
import { partitionSource } from './record-decoder.ts'
import type { TopicSubscription } from '../group/topic-subscription.ts'

/** What the records of each partition are made with, once for each state of it. */
export class RecordSources<V, K> {
  readonly #subscription: TopicSubscription<V, K>
  readonly #reader: TransactionalReader
  readonly #commit: (state: PartitionState<V, K>, offset: number) => Promise<void>
  readonly #sources = new WeakMap<PartitionState<V, K>, PartitionSource<V, K>>()

  constructor(
    subscription: TopicSubscription<V, K>,
    reader: TransactionalReader,
    commit: (state: PartitionState<V, K>, offset: number) => Promise<void>,
  ) {
    this.#subscription = subscription
    this.#reader = reader
    this.#commit = commit
  }

  of(state: PartitionState<V, K>): PartitionSource<V, K> {
    let source = this.#sources.get(state)
    if (!source) {
      source = partitionSource(this.#subscription.definitionOf(state.topic), state, {
        commit: ({ offset }) => this.#commit(state, offset),
        reader: this.#reader,
      })
      this.#sources.set(state, source)
    }
    return source
  }
}
