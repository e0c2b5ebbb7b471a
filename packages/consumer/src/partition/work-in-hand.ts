import type { KafkaRecord } from '@kafkado/core'
import type { Arrivals } from './arrivals.ts'
import type { OwnedPartitions } from './owned-partitions.ts'
import { type PartitionState, stateOf } from './partition-state.ts'

/** What works on several records of a partition at a time. */
export interface RecordWorker<V, K> {
  /** Hands back what was given out of these partitions and not begun. */
  onRevoking(states: readonly PartitionState<V, K>[]): void
  /** Ends reading; resolves when what was begun is finished. */
  drain(): Promise<void>
}

interface WorkParts<V, K> {
  readonly owned: OwnedPartitions<V, K>
  readonly arrivals: Arrivals
}

/** Who works on the records that were given out, and when they are done with one. */
export class WorkInHand<V, K> {
  readonly #owned: OwnedPartitions<V, K>
  readonly #arrivals: Arrivals
  readonly #workers = new Set<RecordWorker<V, K>>()
  #loops = 0
  #onRevokedFinished: (() => void) | undefined

  constructor({ owned, arrivals }: WorkParts<V, K>) {
    this.#owned = owned
    this.#arrivals = arrivals
  }

  /**
   * Whether several records of a partition are worked on at a time, so that one which is done says nothing of those
   * before it.
   */
  get isParallel(): boolean {
    return this.#workers.size > 0
  }

  /** Whether records go to a loop or a worker, which finishes the present ones soon. */
  get isGoingOn(): boolean {
    return this.#loops > 0 || this.isParallel
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

  /**
   * Whether the record was given out of what is read of its partition now: neither was that lost since, nor was its
   * position moved.
   */
  isPresent(record: KafkaRecord<V, K>): boolean {
    return this.#owned.owns(stateOf(record))
  }

  /**
   * Whether the record was given out by the present owner of its partition, and the partition is not being given up.
   */
  mayBegin(record: KafkaRecord<V, K>): boolean {
    return this.isPresent(record) && !stateOf(record).isRevoking
  }

  /**
   * The record was processed. One that was given out before its partition was lost or its position moved counts no
   * more.
   */
  finish(record: KafkaRecord<V, K>): void {
    const state = stateOf(record)
    state.tracker.finish(record.offset)
    if (state.isRevoking) this.#toldIfRevokedAreFinished()
    // One of many unfinished records may have held its partition back.
    else if (this.isParallel && this.#arrivals.isAwaited && state.canGiveOut) this.#arrivals.wake()
  }

  /** The record was not begun, and will not be. */
  release(record: KafkaRecord<V, K>): void {
    const state = stateOf(record)
    state.tracker.release(record.offset)
    if (state.isRevoking) this.#toldIfRevokedAreFinished()
  }

  /** Gives partitions up: what was not begun of them is handed back. */
  revoke(states: readonly PartitionState<V, K>[]): void {
    for (const state of states) state.isRevoking = true
    for (const worker of this.#workers) worker.onRevoking(states)
  }

  /** Resolves when the records in hand of the partitions that are being given up are finished. */
  revokedFinished(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRevokedFinished = resolve
    })
  }

  /** Ends what workers read; resolves when what they have begun is finished. */
  async drain(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.drain()))
  }

  #toldIfRevokedAreFinished(): void {
    if (!this.#owned.states.some(({ isRevoking, tracker }) => isRevoking && tracker.isWorkedOn))
      this.#onRevokedFinished?.()
  }
}
