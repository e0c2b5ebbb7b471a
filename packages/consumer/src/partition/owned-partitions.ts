import { isSameTopic, partitionKey } from '@kafkado/core/internal'
import type { AssignedPartition, TopicPartition } from './topic-partition.ts'
import { PartitionState } from './partition-state.ts'

/** Where the reading of a partition had come to when it went, and what of it no commit covered. */
export interface Forfeited extends TopicPartition {
  readonly position: number
}

/**
 * The partitions that a consumer owns now: the one place that says so, which all others are given and which knows none
 * of them. A partition that goes and comes back has another state, so whoever holds on to a state can ask whether it
 * still counts.
 */
export class OwnedPartitions<V, K> {
  readonly #byKey = new Map<string, PartitionState<V, K>>()
  /** One for each partition at most: what went last. */
  readonly #forfeited = new Map<string, { readonly state: PartitionState<V, K>; readonly what: Forfeited }>()
  #list: readonly PartitionState<V, K>[] = []
  #tenure = new AbortController()
  #onChange: () => void = () => undefined

  /**
   * Aborts when everything is lost at once, and when the consumer leaves: what is under way for what is owned now is
   * for nobody then.
   */
  get tenure(): AbortSignal {
    return this.#tenure.signal
  }

  endTenure(): void {
    this.#tenure.abort(new Error('the partitions were lost or given up'))
    this.#tenure = new AbortController()
  }

  /**
   * Calls the listener when something was decided that lets more be read: new partitions, positions, the end of a
   * pause.
   */
  onChange(listener: () => void): void {
    this.#onChange = listener
  }

  /** Tells the listener. Not every step of a change is told: whoever makes it knows when it is complete. */
  changed(): void {
    this.#onChange()
  }

  /** In the order in which they have their turn. The same array until something changes. */
  get states(): readonly PartitionState<V, K>[] {
    return this.#list
  }

  find(partition: TopicPartition): PartitionState<V, K> | undefined {
    return this.#byKey.get(partitionKey(partition))
  }

  /** Whether the state is the one by which its partition is read now. */
  owns(state: PartitionState<V, K>): boolean {
    return this.#byKey.get(partitionKey(state)) === state
  }

  /** Whether the partition of this very topic is owned: one that was made anew under the same name is another. */
  has(assigned: AssignedPartition): boolean {
    const state = this.find(assigned)
    return state !== undefined && isSameTopic(state.topicId, assigned.topicId)
  }

  add(states: readonly PartitionState<V, K>[]): void {
    for (const state of states) this.#byKey.set(partitionKey(state), state)
    this.#list = [...this.#byKey.values()]
  }

  remove(states: readonly PartitionState<V, K>[]): void {
    for (const state of states) {
      if (!this.owns(state)) continue
      this.#byKey.delete(partitionKey(state))
      this.#forfeit(state)
      state.drop()
    }
    this.#list = [...this.#byKey.values()]
  }

  /** Begins a partition anew at a position: what was read of it counts no more. */
  move(state: PartitionState<V, K>, position: number): void {
    const moved = new PartitionState<V, K>(state)
    moved.isPaused = state.isPaused
    moved.isHeld = state.isHeld
    moved.isRevoking = state.isRevoking
    moved.groupOffset = state.groupOffset
    moved.transactionReads = state.transactionReads
    moved.transactionReads.moveTo(position)
    moved.begin(position)
    state.drop()
    this.add([moved])
  }

  /**
   * Partitions that went while records of them were given out that no commit covers. They are told once: a transaction
   * for them must not be committed, as others read these records again.
   */
  takeForfeited(): Forfeited[] {
    const forfeited = [...this.#forfeited.values()].map(({ what }) => what)
    this.#forfeited.clear()
    return forfeited
  }

  /**
   * A transaction that was about the partition up to the offset is decided: what went with the partition until then has
   * no other consequences.
   */
  settle(state: PartitionState<V, K>, offset: number): void {
    const forfeited = this.#forfeited.get(partitionKey(state))
    if (forfeited?.state === state && forfeited.what.position <= offset) this.#forfeited.delete(partitionKey(state))
  }

  #forfeit(state: PartitionState<V, K>): void {
    const { topic, partition, position, committed = -1, tracker } = state
    const isCovered = tracker.isFinished && (tracker.finishedTo ?? -1) <= committed
    if (position !== undefined && !isCovered)
      this.#forfeited.set(partitionKey(state), { state, what: { topic, partition, position } })
  }
}
