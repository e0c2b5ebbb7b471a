import { partitionKey } from '@kafkado/core/internal'
import type { StartOffset } from '../settings/consumer-config.ts'
import type { OffsetToCommit, TopicPartition } from './topic-partition.ts'
import type { PartitionState } from './partition-state.ts'

/**
 * Calls about partitions that came before their assignment: where to begin, regardless of commits, and which to pause.
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

  /** Applies the earlier calls about a partition, and forgets them. */
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

  /** The first assignment has arrived. */
  firstAssigned(): void {
    this.from = undefined
    this.#allPaused = false
  }
}
