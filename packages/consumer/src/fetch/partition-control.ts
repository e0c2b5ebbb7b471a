import { DisconnectedError, RebalanceInProgressError, type Transport } from '@kafkado/core'
import { type OffsetAnswer, offsetsAt, orAborted } from '@kafkado/core/internal'
import type { ConsumerSettings, StartOffset } from '../settings/consumer-config.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import { describePartition, type OffsetToCommit, type TopicPartition } from '../partition/topic-partition.ts'

interface ControlParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly stopping: AbortSignal
}

/** The user's control over owned partitions: where they continue, and whether they are paused. */
export class PartitionControl<V, K> {
  readonly #parts: ControlParts<V, K>

  constructor(parts: ControlParts<V, K>) {
    this.#parts = parts
  }

  owns(partition: TopicPartition): boolean {
    return this.#parts.owned.find(partition) !== undefined
  }

  /** Moves positions, and drops the fetched records of these partitions. */
  seek(positions: readonly OffsetToCommit[]): void {
    for (const { offset, ...target } of positions) {
      const state = this.#parts.owned.find(target)
      if (!state)
        throw new RebalanceInProgressError(`${describePartition(target)} is not assigned to this consumer now`, {
          retriable: false,
        })
      this.#parts.owned.move(state, offset)
    }
    this.#parts.owned.changed()
  }

  /** Moves all positions. Meanwhile the consumer gives out no records, even if nobody awaits this call. */
  async seekTo(start: StartOffset): Promise<void> {
    const states = [...this.#parts.owned.states]
    for (const state of states) state.isMoving = true
    try {
      const answers = await this.#ask(start, states)
      const moves = answers.map((answer, index) => {
        if ('error' in answer) throw answer.error
        return { state: states[index], offset: answer.offset as number }
      })
      for (const { state, offset } of moves)
        if (state && this.#parts.owned.owns(state)) this.#parts.owned.move(state, offset)
    } finally {
      for (const state of states) state.isMoving = false
      this.#parts.owned.changed()
    }
  }

  async #ask(start: StartOffset, states: readonly PartitionState<V, K>[]): Promise<OffsetAnswer[]> {
    const { transport, settings, stopping } = this.#parts
    try {
      const query = { partitions: states, position: start, isolationLevel: settings.isolation }
      return await orAborted(offsetsAt(transport, query, { signal: stopping }), stopping)
    } catch (cause) {
      if (!stopping.aborted) throw cause
      throw new DisconnectedError('the consumer has stopped reading', { cause, retriable: false, outcome: 'failed' })
    }
  }

  pause(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const target of partitions) {
      const state = this.#parts.owned.find(target)
      if (state) state.isPaused = isPaused
    }
    this.#parts.owned.changed()
  }
}
