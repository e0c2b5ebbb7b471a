import { DisconnectedError, RebalanceInProgressError, type Transport } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import type { ConsumerSettings, StartOffset, TopicPartition } from '../consumer-config.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import { describePartition, type PartitionState } from '../partition/partition-state.ts'
import { listStarts, type OffsetAnswer } from './start-position.ts'

/** What a user decides about partitions that are owned: where they go on, and whether they do. */
export class PartitionControl<V, K> {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #owned: OwnedPartitions<V, K>
  readonly #stopping: AbortSignal
  readonly #onChange: () => void

  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    owned: OwnedPartitions<V, K>,
    stopping: AbortSignal,
    onChange: () => void,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#owned = owned
    this.#stopping = stopping
    this.#onChange = onChange
  }

  owns(partition: TopicPartition): boolean {
    return this.#owned.find(partition) !== undefined
  }

  /** Moves positions. What was fetched of these partitions is dropped. */
  seek(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    for (const { offset, ...target } of positions) {
      const state = this.#owned.find(target)
      if (!state)
        throw new RebalanceInProgressError(`${describePartition(target)} is not assigned to this consumer now`, {
          retriable: false,
        })
      this.#owned.move(state, offset)
    }
    this.#onChange()
  }

  /** Moves all positions. Nothing is given out meanwhile, also where nobody waits for the end of it. */
  async seekTo(start: StartOffset): Promise<void> {
    const states = [...this.#owned.states]
    for (const state of states) state.isMoving = true
    try {
      const answers = await this.#ask(start, states)
      const moves = answers.map((answer, index) => {
        if ('error' in answer) throw answer.error
        return { state: states[index], offset: answer.offset as number }
      })
      for (const { state, offset } of moves) if (state && this.#owned.owns(state)) this.#owned.move(state, offset)
    } finally {
      for (const state of states) state.isMoving = false
      this.#onChange()
    }
  }

  async #ask(start: StartOffset, states: readonly PartitionState<V, K>[]): Promise<OffsetAnswer[]> {
    const stopping = this.#stopping
    try {
      return await orAborted(listStarts(this.#transport, this.#settings, start, states, stopping), stopping)
    } catch (cause) {
      if (!stopping.aborted) throw cause
      throw new DisconnectedError('the consumer has stopped reading', { cause, retriable: false, outcome: 'failed' })
    }
  }

  pause(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const target of partitions) {
      const state = this.#owned.find(target)
      if (state) state.isPaused = isPaused
    }
    this.#onChange()
  }
}
