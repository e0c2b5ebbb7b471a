import { type KafkaRecord, SerializationError } from '@kafkado/core'
import type { CommitMode } from '../commit/commit-mode.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { InvalidRecords } from '../dead-letter/invalid-records.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { Fetcher } from './fetcher.ts'

interface FeedParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly arrivals: Arrivals
  readonly mode: CommitMode
  readonly fetcher: Fetcher<V, K>
  readonly invalid: InvalidRecords<V, K>
}

/** Gives out fetched records one by one, partition by partition in turn, to any number of readers. */
export class RecordFeed<V, K> {
  readonly #owned: OwnedPartitions<V, K>
  readonly #arrivals: Arrivals
  readonly #mode: CommitMode
  readonly #fetcher: Fetcher<V, K>
  /** Handles records that cannot be decoded. Undefined: they are given out, and reading them throws. */
  readonly #invalid: InvalidRecords<V, K> | undefined
  readonly #maxPollRecords: number
  /** The partition whose turn it is, and how many more records it may give. */
  #turn = { index: 0, left: 0 }

  constructor({ settings, owned, arrivals, mode, fetcher, invalid }: FeedParts<V, K>) {
    this.#owned = owned
    this.#arrivals = arrivals
    this.#mode = mode
    this.#fetcher = fetcher
    this.#invalid = settings.onInvalid === 'throw' ? undefined : invalid
    this.#maxPollRecords = settings.maxPollRecords
  }

  /** The next record, which then counts as given out; undefined at the end, or when the deadline is over. */
  async next(deadline?: AbortSignal): Promise<KafkaRecord<V, K> | undefined> {
    for (;;) {
      this.#arrivals.requireReadable()
      if (this.#arrivals.isEnded || deadline?.aborted) return undefined
      const record = this.poll()
      if (record) return record
      await this.#arrivals.next(deadline)
    }
  }

  /** A record that has already arrived. */
  poll(): KafkaRecord<V, K> | undefined {
    const { states } = this.#owned
    for (let tried = 0; tried <= states.length && states.length > 0; tried++) {
      const state = states[this.#turn.index % states.length] as PartitionState<V, K>
      while (this.#turn.left > 0 && state.canGiveOut) {
        this.#turn.left--
        const record = this.#take(state)
        if (record) return record
      }
      this.#turn = { index: (this.#turn.index + 1) % states.length, left: this.#maxPollRecords }
    }
    return undefined
  }

  /**
   * Takes whole partitions. Their records do not count as given out, so the consumer's own commits never cover them.
   *
   * @throws the error that makes reading impossible
   */
  takePartitions(
    isWanted: (state: PartitionState<V, K>) => boolean,
  ): { state: PartitionState<V, K>; records: KafkaRecord<V, K>[] }[] {
    this.#arrivals.requireReadable()
    const wanted = this.#owned.states.filter((state) => state.canGiveOut && isWanted(state))
    return wanted.map((state) => {
      const { error } = state
      if (state.buffered === 0 && error) {
        state.error = undefined
        this.#owned.changed()
        throw error
      }
      const records = state.takeAll()
      this.#fetcher.madeRoom(state)
      return { state, records }
    })
  }

  #take(state: PartitionState<V, K>): KafkaRecord<V, K> | undefined {
    const record = state.shift()
    if (!record) {
      const { error } = state
      state.error = undefined
      this.#owned.changed()
      // Another attempt to read continues at the same offset.
      throw error as Error
    }
    this.#fetcher.madeRoom(state)
    state.tracker.begin(record.offset)
    state.transactionReads.add(this.#mode.scope, record.offset)
    const error = this.#invalid && whyUnreadable(record)
    if (!error) return record
    this.#invalid?.leaveOut(record, error)
    return undefined
  }
}

function whyUnreadable(record: KafkaRecord<unknown, unknown>): SerializationError | undefined {
  try {
    void record.key
    void record.value
    return undefined
  } catch (error) {
    if (SerializationError.is(error)) return error
    throw error
  }
}
