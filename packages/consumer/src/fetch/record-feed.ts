import { type KafkaRecord, SerializationError } from '@kafkado/core'
import type { TransactionScope } from '@kafkado/core/internal'
import type { PartitionState } from '../partition/partition-state.ts'

interface FeedParts<V, K> {
  /** The partitions that are owned now, in the order in which they have their turn. */
  states(): readonly PartitionState<V, K>[]
  readonly maxPollRecords: number
  /** The transaction in whose body records are asked for now. */
  scope(): TransactionScope | undefined
  /** Room was made in the buffer of the partition. */
  onTaken(state: PartitionState<V, K>): void
  /** The error of a partition was told to a reader, so it may be tried again. */
  onErrorTold(): void
  /** What to do with a record that does not decode; undefined gives it out all the same, and reading it throws. */
  readonly onInvalid: ((record: KafkaRecord<V, K>, error: SerializationError) => void) | undefined
}

/** Gives out what was fetched, record by record, the partitions in turn, to however many ask. */
export class RecordFeed<V, K> {
  readonly #parts: FeedParts<V, K>
  #waiting: (() => void)[] = []
  #failure: { readonly error: unknown } | undefined
  #isEnded = false
  /** Of the partition whose turn it is, how many records it may still give. */
  #turn = { index: 0, left: 0 }

  constructor(parts: FeedParts<V, K>) {
    this.#parts = parts
  }

  /** Whether somebody waits for a record. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether it neither failed nor ended. */
  get isOpen(): boolean {
    return !this.#failure && !this.#isEnded
  }

  get failure(): unknown {
    return this.#failure?.error
  }

  /** The next record, which counts as given out; undefined at the end, or when the deadline is over. */
  async next(deadline?: AbortSignal): Promise<KafkaRecord<V, K> | undefined> {
    for (;;) {
      if (this.#failure && !this.#isEnded) throw this.#failure.error
      if (this.#isEnded || deadline?.aborted) return undefined
      const record = this.poll()
      if (record) return record
      await this.arrival(deadline)
    }
  }

  /** A record that is there already. */
  poll(): KafkaRecord<V, K> | undefined {
    const states = this.#parts.states()
    for (let tried = 0; tried <= states.length && states.length > 0; tried++) {
      const state = states[this.#turn.index % states.length] as PartitionState<V, K>
      while (this.#turn.left > 0 && state.canGiveOut) {
        this.#turn.left--
        const record = this.#take(state)
        if (record) return record
      }
      this.#turn = { index: (this.#turn.index + 1) % states.length, left: this.#parts.maxPollRecords }
    }
    return undefined
  }

  /**
   * Takes whole partitions, which then count as given out by nobody: no commit of the consumer's own covers them.
   *
   * @throws what makes reading impossible
   */
  takePartitions(
    isWanted: (state: PartitionState<V, K>) => boolean,
  ): { state: PartitionState<V, K>; records: KafkaRecord<V, K>[] }[] {
    if (this.#failure && !this.#isEnded) throw this.#failure.error
    const wanted = this.#parts.states().filter((state) => state.canGiveOut && isWanted(state))
    return wanted.map((state) => {
      const { error } = state
      if (state.buffered === 0 && error) {
        state.error = undefined
        this.#parts.onErrorTold()
        throw error
      }
      const records = state.takeAll()
      this.#parts.onTaken(state)
      return { state, records }
    })
  }

  /** Something may be given out. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Whoever asks from now on gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.wake()
  }

  end(): void {
    this.#isEnded = true
    this.wake()
  }

  #take(state: PartitionState<V, K>): KafkaRecord<V, K> | undefined {
    const record = state.shift()
    if (!record) {
      const { error } = state
      state.error = undefined
      this.#parts.onErrorTold()
      // Reading goes on from the same offset when somebody tries again.
      throw error as Error
    }
    this.#parts.onTaken(state)
    state.tracker.begin(record.offset)
    state.transactionReads.add(this.#parts.scope(), record.offset)
    const { onInvalid } = this.#parts
    const error = onInvalid && whyUnreadable(record)
    if (!error) return record
    onInvalid(record, error)
    return undefined
  }

  /** Resolves when something may be given out. */
  arrival(deadline?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        deadline?.removeEventListener('abort', done)
        resolve()
      }
      deadline?.addEventListener('abort', done, { once: true })
      this.#waiting.push(done)
    })
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
