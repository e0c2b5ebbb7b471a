import { partitionKey } from '@kafkado/core/internal'
import type { StartOffset } from '../settings/consumer-config.ts'
import type { OffsetToCommit, TopicPartition } from './topic-partition.ts'
import type { PartitionState } from './partition-state.ts'

/**
 * What was said about partitions before they were assigned: where to begin regardless of what is committed, and which
 * are paused.
 */
export class PositionWishes {
  readonly #offsets = new Map<string, number>()
  readonly #paused = new Set<string>()
  /** Where all partitions of the first assignment begin. */
  from: StartOffset | undefined
  /** Whether all partitions of the first assignment are paused. */
  #allPaused = false

  seek(target: OffsetToCommit): void {
    this.#offsets.set(partitionKey(target), target.offset)
  }

  /** @param partitions undefined for all */
  pause(partitions: readonly TopicPartition[] | undefined, isPaused: boolean): void {
    if (!partitions) {
      this.#allPaused = isPaused
      this.#paused.clear()
    }
    for (const partition of partitions ?? [])
      if (isPaused) this.#paused.add(partitionKey(partition))
      else this.#paused.delete(partitionKey(partition))
  }

  /** Carries out what was said about a partition, which then is done with. */
  apply<V, K>(state: PartitionState<V, K>): void {
    const key = partitionKey(state)
    const offset = this.#offsets.get(key)
    this.#offsets.delete(key)
    state.isPaused = this.#paused.delete(key) || this.#allPaused
    if (offset !== undefined) state.begin(offset)
    else if (this.from !== undefined) {
      state.startsAt = this.from
      state.followsCommit = false
    }
  }

  /** The first assignment has come. */
  firstAssigned(): void {
    this.from = undefined
    this.#allPaused = false
  }
}
