import { isSameTopic, partitionKey } from '@kafkado/core/internal'
import type { AssignedPartition, TopicPartition } from './topic-partition.ts'
import { PartitionState } from './partition-state.ts'

/** The position of a lost partition, and the part of its records that no commit covers. */
export interface Forfeited extends TopicPartition {
  readonly position: number
}

/**
 * The single source of truth for the partitions that a consumer owns now. Everything else receives it, and it depends
 * on nothing else. A partition that is lost and assigned again gets a new state, so anyone who holds a state can ask
 * whether it still counts.
 */
export class OwnedPartitions<V, K> {
  readonly #byKey = new Map<string, PartitionState<V, K>>()
  /** The last loss of each partition. */
  readonly #forfeited = new Map<string, { readonly state: PartitionState<V, K>; readonly what: Forfeited }>()
  /** Made when it is asked for: seeks come one by one, and each would copy it. */
  #list: readonly PartitionState<V, K>[] | undefined
  #tenure = new AbortController()
  #onChange: () => void = () => undefined

  /**
   * Aborts when all partitions are lost at once, and when the consumer leaves. Work for the present partitions is
   * useless then.
   */
  get tenure(): AbortSignal {
    return this.#tenure.signal
  }

  endTenure(): void {
    this.#tenure.abort(new Error('the partitions were lost or given up'))
    this.#tenure = new AbortController()
  }

  /** Calls the listener when more can be read: there are new partitions or positions, or a pause has ended. */
  onChange(listener: () => void): void {
    this.#onChange = listener
  }

  /** Calls the listener. The code that makes a change calls this once the change is complete. */
  changed(): void {
    this.#onChange()
  }

  /** The partitions in the order of their turns. The same array until something changes. */
  get states(): readonly PartitionState<V, K>[] {
    return (this.#list ??= [...this.#byKey.values()])
  }

  find(partition: TopicPartition): PartitionState<V, K> | undefined {
    return this.#byKey.get(partitionKey(partition))
  }

  /** Whether this state reads its partition now. */
  owns(state: PartitionState<V, K>): boolean {
    return this.#byKey.get(partitionKey(state)) === state
  }

  /** Whether the partition of this very topic is owned. A recreated topic with the same name is another one. */
  has(assigned: AssignedPartition): boolean {
    const state = this.find(assigned)
    return state !== undefined && isSameTopic(state.topicId, assigned.topicId)
  }

  add(states: readonly PartitionState<V, K>[]): void {
    for (const state of states) this.#byKey.set(partitionKey(state), state)
    this.#list = undefined
  }

  remove(states: readonly PartitionState<V, K>[]): void {
    for (const state of states) {
      if (!this.owns(state)) continue
      this.#byKey.delete(partitionKey(state))
      this.#forfeit(state)
      state.drop()
    }
    this.#list = undefined
  }

  /** Starts a partition over at a position. Earlier reads of it no longer count. */
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
   * Partitions that were lost while records given out had no commit. Each is reported once: a transaction with their
   * offsets must not be committed, as other members read these records again.
   */
  takeForfeited(): Forfeited[] {
    const forfeited = [...this.#forfeited.values()].map(({ what }) => what)
    this.#forfeited.clear()
    return forfeited
  }

  /**
   * A transaction that covers the partition up to the offset is decided. A loss of the partition up to there has no
   * further consequences.
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
