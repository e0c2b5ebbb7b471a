import type { KafkaRecord } from '@kafkado/core'
import type { Arrivals } from './arrivals.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import { type PartitionState, stateOf, stateOfSlice } from './partition-state.ts'
import type { RecordSlice } from './record-slice.ts'

/** Processes several records of a partition at a time. */
export interface RecordWorker<V, K> {
  /** Hands back the records of these partitions that were given out and not begun. */
  onRevoking(states: readonly PartitionState<V, K>[]): void
  /** Ends reading; resolves when the running records are finished. */
  drain(): Promise<void>
}

interface WorkParts<V, K> {
  readonly owned: OwnedPartitions<V, K>
  readonly arrivals: Arrivals
}

/** Knows who processes the records given out, and when each one is done. */
export class WorkInHand<V, K> {
  readonly #owned: OwnedPartitions<V, K>
  readonly #arrivals: Arrivals
  readonly #workers = new Set<RecordWorker<V, K>>()
  #loops = 0
  #waiting = 0
  #onRevokedFinished: (() => void) | undefined

  constructor({ owned, arrivals }: WorkParts<V, K>) {
    this.#owned = owned
    this.#arrivals = arrivals
  }

  /**
   * Whether several records of a partition are processed at a time. A finished record then says nothing about those
   * before it.
   */
  get isParallel(): boolean {
    return this.#workers.size > 0
  }

  /** Whether a loop or a worker processes records and will soon finish the present ones. */
  get isGoingOn(): boolean {
    return this.#loops > 0 || this.isParallel
  }

  /** Whether somebody reads: a loop, a worker, or a call that waits for its record. */
  get isRead(): boolean {
    return this.isGoingOn || this.#waiting > 0
  }

  /** Counts a call that waits for a record of its own, outside of a loop. */
  async whileWaiting<T>(record: Promise<T>): Promise<T> {
    this.#waiting++
    try {
      return await record
    } finally {
      this.#waiting--
    }
  }

  beginLoop(): void {
    this.#loops++
  }

  endLoop(): void {
    this.#loops--
  }

  add(worker: RecordWorker<V, K>): void {
    this.#workers.add(worker)
  }

  remove(worker: RecordWorker<V, K>): void {
    this.#workers.delete(worker)
    this.#toldIfRevokedAreFinished()
  }

  /** Whether the present reading of the partition gave them out: the partition was neither lost nor moved since. */
  arePresent(slice: RecordSlice<V, K>): boolean {
    return this.#owned.owns(stateOfSlice(slice))
  }

  /** Whether the record's partition still belongs to this consumer and is not being given up. */
  mayBegin(record: KafkaRecord<V, K>): boolean {
    const state = stateOf(record)
    return this.#owned.owns(state) && !state.isRevoking
  }

  /** The record was processed. It no longer counts if its partition was lost or moved since. */
  finish(record: KafkaRecord<V, K>): void {
    const state = stateOf(record)
    state.tracker.finish(record.offset)
    this.#finished(state)
  }

  /** The records were processed, as {@link finish} says it of one. */
  finishAll(slice: RecordSlice<V, K>): void {
    const state = stateOfSlice(slice)
    for (let index = 0; index < slice.length; index++) state.tracker.finish(slice.offsetAt(index))
    this.#finished(state)
  }

  /** The record was not begun, and will not be. */
  release(record: KafkaRecord<V, K>): void {
    const state = stateOf(record)
    state.tracker.release(record.offset)
    this.#released(state)
  }

  /** The records were not begun, and will not be. */
  releaseAll(slice: RecordSlice<V, K>): void {
    const state = stateOfSlice(slice)
    for (let index = 0; index < slice.length; index++) state.tracker.release(slice.offsetAt(index))
    this.#released(state)
  }

  /**
   * Gives the other readers what one has released as it ended. Each such partition goes back to its first unfinished
   * record: a commit must not pass one that another reader still works on.
   */
  readReleasedAgain(): void {
    for (const state of this.#owned.states) {
      const offset = state.tracker.readAgainFrom
      if (offset !== undefined && !state.isRevoking) this.#owned.move(state, offset)
    }
    this.#owned.changed()
  }

  /** Gives partitions up, and hands back their records that were not begun. */
  revoke(states: readonly PartitionState<V, K>[]): void {
    for (const state of states) state.isRevoking = true
    for (const worker of this.#workers) worker.onRevoking(states)
  }

  /** Resolves when the running records of the partitions being given up are finished. */
  revokedFinished(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRevokedFinished = resolve
    })
  }

  /** Ends reading by workers; resolves when their running records are finished. */
  async drain(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.drain()))
  }

  #finished(state: PartitionState<V, K>): void {
    if (state.isRevoking) this.#toldIfRevokedAreFinished()
    // The partition may have been held back by too many unfinished records.
    else if (this.isParallel && this.#arrivals.isAwaited && state.canGiveOut) this.#arrivals.wake()
  }

  #released(state: PartitionState<V, K>): void {
    if (state.isRevoking) this.#toldIfRevokedAreFinished()
  }

  #toldIfRevokedAreFinished(): void {
    if (!this.#owned.states.some(({ isRevoking, tracker }) => isRevoking && tracker.isWorkedOn))
      this.#onRevokedFinished?.()
  }
}
