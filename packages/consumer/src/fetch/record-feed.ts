import { type KafkaRecord, SerializationError } from '@kafkado/core'
import type { CommitMode } from '../commit/commit-mode.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { InvalidRecords } from '../dead-letter/invalid-records.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { RecordSlice } from '../partition/record-slice.ts'
import type { Fetcher } from './fetcher.ts'

interface FeedParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly arrivals: Arrivals
  readonly mode: CommitMode
  readonly fetcher: Fetcher<V, K>
  readonly invalid: InvalidRecords<V, K>
}

/** Gives out fetched records, partition by partition in turn, to any number of readers. */
export class RecordFeed<V, K> {
  readonly #owned: OwnedPartitions<V, K>
  readonly #arrivals: Arrivals
  readonly #mode: CommitMode
  readonly #fetcher: Fetcher<V, K>
  /** Handles records that cannot be decoded. Undefined: they are given out, and reading them throws. */
  readonly #invalid: InvalidRecords<V, K> | undefined
  readonly #maxPollRecords: number
  /** The partition whose turn it is. */
  #turn = 0
  /** How many more records it may give. */
  #left = 0

  constructor({ settings, owned, arrivals, mode, fetcher, invalid }: FeedParts<V, K>) {
    this.#owned = owned
    this.#arrivals = arrivals
    this.#mode = mode
    this.#fetcher = fetcher
    this.#invalid = settings.onInvalid === 'throw' ? undefined : invalid
    this.#maxPollRecords = settings.maxPollRecords
  }

  /** The next record, which then counts as given out; undefined at the end, or when the deadline is over. */
  next(deadline?: AbortSignal): Promise<KafkaRecord<V, K> | undefined> {
    return this.#arrived(() => this.poll(), deadline)
  }

  /** The next records of a partition, as {@link next} gives one. @param most at most so many */
  nextSlice(most: number, deadline?: AbortSignal): Promise<RecordSlice<V, K> | undefined> {
    return this.#arrived(() => this.pollSlice(most), deadline)
  }

  /** A record that has already arrived. */
  poll(): KafkaRecord<V, K> | undefined {
    for (let state = this.#inTurn(); state; state = this.#inTurn()) {
      this.#left--
      const record = this.#take(state)
      if (record) return record
    }
    return undefined
  }

  /** Records that have already arrived, at most `most`. None of them is made before somebody asks for it. */
  pollSlice(most: number): RecordSlice<V, K> | undefined {
    for (let state = this.#inTurn(); state; state = this.#inTurn()) {
      const slice = this.#takeSlice(state, Math.min(most, this.#left))
      if (slice) return slice
    }
    return undefined
  }

  async #arrived<T>(poll: () => T | undefined, deadline: AbortSignal | undefined): Promise<T | undefined> {
    for (;;) {
      this.#arrivals.requireReadable()
      if (this.#arrivals.isEnded || deadline?.aborted) return undefined
      const found = poll()
      if (found) return found
      await this.#arrivals.next(deadline)
    }
  }

  /** The partition that gives the next record: the one whose turn it is, or the next one that can. */
  #inTurn(): PartitionState<V, K> | undefined {
    const { states } = this.#owned
    for (let tried = 0; tried <= states.length && states.length > 0; tried++) {
      const state = states[this.#turn % states.length] as PartitionState<V, K>
      if (this.#left > 0 && state.canGiveOut) return state
      this.#turn = (this.#turn + 1) % states.length
      this.#left = this.#maxPollRecords
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
      if (state.buffered === 0 && state.error) this.#fail(state)
      const records = state.takeAll()
      this.#fetcher.madeRoom(state)
      return { state, records }
    })
  }

  #take(state: PartitionState<V, K>): KafkaRecord<V, K> | undefined {
    const record = state.shift() ?? this.#fail(state)
    this.#fetcher.madeRoom(state)
    state.tracker.begin(record.offset)
    state.transactionReads.add(this.#mode.scope, record.offset)
    return this.#isReadable(record) ? record : undefined
  }

  /** @returns undefined when no record of the slice can be decoded */
  #takeSlice(state: PartitionState<V, K>, most: number): RecordSlice<V, K> | undefined {
    // A record that is left out ends a slice, so each is looked at before the next one is taken.
    const slice = state.take(this.#invalid ? 1 : most) ?? this.#fail(state)
    this.#left -= slice.length
    this.#fetcher.madeRoom(state)
    for (let index = 0; index < slice.length; index++) state.tracker.begin(slice.offsetAt(index))
    state.transactionReads.add(this.#mode.scope, slice.offsetAt(0), slice.offsetAt(slice.length - 1))
    return !this.#invalid || slice.records.every((record) => this.#isReadable(record)) ? slice : undefined
  }

  /** No record is left before the failure of the partition. Another attempt to read continues at the same offset. */
  #fail(state: PartitionState<V, K>): never {
    const { error } = state
    state.error = undefined
    this.#owned.changed()
    throw error as Error
  }

  /** Whether the record is given out. One that cannot be decoded is left out, if `onInvalid` says so. */
  #isReadable(record: KafkaRecord<V, K>): boolean {
    const error = this.#invalid && whyUnreadable(record)
    if (error) this.#invalid?.leaveOut(record, error)
    return !error
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
