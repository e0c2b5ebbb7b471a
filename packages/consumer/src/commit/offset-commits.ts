import {
  type AnyKafkaRecord,
  InvalidRequestError,
  KafkaRecord,
  MemberFencedError,
  RebalanceInProgressError,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import { errorOfAttempts } from '@kafkado/core/internal'
import { AutomaticCommits, type CommitMode } from './automatic-commits.ts'
import type { ConsumerSettings, TopicPartition } from '../consumer-config.ts'
import { type ConsumerEventTarget, emitCommitted } from '../consumer-events.ts'
import { LateCommits } from './late-commits.ts'
import type { Membership } from '../group/membership.ts'
import { type IdentifiedOffset, OffsetCommitter, type OffsetToCommit } from './offset-committer.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import { describePartition, notOwned, type PartitionSource, type PartitionState } from '../partition/partition-state.ts'

interface CommitParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly membership: Membership
  readonly owned: OwnedPartitions<V, K>
  readonly events: ConsumerEventTarget
  readonly mode: CommitMode
  /** Whether handlers work on several records of a partition at a time, so that one which is done says nothing of those before it. */
  isParallel(): boolean
  /** The commits of the consumer's next session, when it reads again. */
  successor(): OffsetCommits<V, K> | undefined
}

/** What is to be committed of a partition, as long as it is read by this state. */
interface Due<V, K> extends IdentifiedOffset {
  readonly state: PartitionState<V, K>
}

/**
 * What is committed, and when: by itself, when the user says so, or in a producer's transaction. Kafka checks the epoch of a member and not what it
 * owns, so that is looked after here, for every way to commit: only what is owned at the moment of sending.
 */
export class OffsetCommits<V, K> {
  readonly #parts: CommitParts<V, K>
  readonly #committer: OffsetCommitter<Due<V, K>>
  readonly automatic: AutomaticCommits<V, K>
  /** What takes over when the group was left, from when leaving it has begun. */
  #late: Promise<LateCommits<V, K>> | undefined
  /** Transactions that commit offsets of this consumer and are not decided yet. */
  readonly #undecided = new Set<object>()
  #onDecided: (() => void) | undefined

  constructor(parts: CommitParts<V, K>) {
    this.#parts = parts
    const { transport, settings, membership } = parts
    this.#committer = new OffsetCommitter({
      transport,
      settings,
      identity: () => membership.identity,
      renewIdentity: () => membership.heartbeat(),
      onCommitted: (offsets) => this.#committed(offsets),
    })
    const { owned, mode } = parts
    this.automatic = new AutomaticCommits({
      settings,
      owned,
      mode,
      commit: (states, offsetOf) =>
        this.#commit(() => (mode.isAutomatic ? states.flatMap((state) => dueTo(state, offsetOf(state))) : [])),
      commitThrough: (state, offset) => this.commitThrough(state, offset),
    })
  }

  /**
   * The group is being left: nothing that is under way is waited for any more, and nothing more is sent as the member that goes.
   *
   * @param left resolves when the group was left
   */
  leave(left: Promise<void>): void {
    const { transport, settings, events, membership } = this.#parts
    this.automatic.leave()
    this.#committer.end(new RebalanceInProgressError('the consumer has left the group', { retriable: false }))
    this.#late = left.then(() => new LateCommits(transport, settings, events, membership.identity))
  }

  /** Commits what has been processed. */
  async commit(states: readonly PartitionState<V, K>[]): Promise<void> {
    this.#requireGroup()
    await this.#commit(() => states.flatMap((state) => dueTo(state, state.processedTo)))
  }

  /**
   * Commits a record and all before it in its partition. Where several are worked on at a time, the commit stops at the lowest one that is not
   * finished.
   */
  async commitThrough(state: PartitionState<V, K>, offset: number): Promise<void> {
    this.#requireGroup()
    if (this.#late) return this.#commitLate(await this.#late, state, offset)
    this.#requireOwned(state, offset)
    const { tracker } = state
    const isParallel = this.#parts.isParallel()
    if (isParallel) tracker.finish(offset)
    else tracker.finishThrough(offset)
    const end = isParallel ? Math.min(offset + 1, tracker.finishedTo ?? 0) : offset + 1
    const isCommitted = (): boolean => (state.committed ?? 0) >= end
    const mayBeCommitted = await this.#commit(() => (isCommitted() ? [] : [due(state, end)]))
    if (!isCommitted()) throw errorOfAttempts(notOwned(state, offset), mayBeCommitted)
  }

  /** Commits just these offsets, of partitions that are owned, for who keeps an own account of what is processed. */
  async commitOffsets(offsets: readonly OffsetToCommit[]): Promise<void> {
    this.#requireGroup()
    const all = this.#statesOf(offsets)
    const mayBeCommitted = await this.#commit(() =>
      all.filter(({ state: { committed = -1 }, offset }) => committed < offset),
    )
    this.#requireAllOwned(all, mayBeCommitted)
  }

  /** What a transaction is to commit, for who keeps an own account of what is processed. */
  transactionOf(offsets: readonly OffsetToCommit[]): TransactionOffsets {
    return this.#transaction(this.#statesOf(offsets))
  }

  /** What a transaction is to commit. Nothing else is committed from now on, as the later of two commits would count. */
  async forTransaction(records: readonly AnyKafkaRecord[] | undefined): Promise<TransactionOffsets> {
    this.#requireGroup()
    const transaction = this.#transaction(this.#offsetsFor(records))
    this.#undecided.add(transaction)
    await this.#committer.idle()
    return transaction
  }

  /** Resolves when the transactions that commit offsets of this consumer are decided. */
  async decided(): Promise<void> {
    while (this.#undecided.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onDecided = resolve
      })
    }
  }

  #transaction(offsets: readonly Due<V, K>[]): TransactionOffsets {
    const { settings, membership } = this.#parts
    const groupId = this.#requireGroup()
    const transaction: TransactionOffsets = {
      groupId,
      groupInstanceId: settings.instanceId,
      // An epoch that has moved on is this member's all the same, as long as it has owned without a break what it read.
      member: () => {
        this.#requireAllOwned(offsets)
        return membership.identity
      },
      renewMember: () => membership.heartbeat(),
      offsets,
      onCommitted: () => {
        for (const { state, offset } of offsets) state.tracker.finishThrough(offset - 1)
        this.#committed(offsets)
        this.#decide(transaction, offsets)
      },
      onAborted: () => this.#decide(transaction, offsets),
    }
    return transaction
  }

  #decide(transaction: TransactionOffsets, offsets: readonly Due<V, K>[]): void {
    for (const { state, offset } of offsets) this.#parts.owned.settle(state, offset)
    this.#undecided.delete(transaction)
    if (this.#undecided.size === 0) this.#onDecided?.()
  }

  #commit(read: () => readonly Due<V, K>[]): Promise<boolean> {
    return this.#committer.commit(() => read().filter(({ state }) => this.#parts.owned.owns(state)))
  }

  #committed(offsets: readonly Due<V, K>[]): void {
    for (const { state, offset } of offsets) {
      state.committed = Math.max(state.committed ?? 0, offset)
      state.groupOffset = offset
    }
    emitCommitted(this.#parts.events, offsets)
  }

  /** The consumer may have come back to the partition; otherwise nobody may have gone on with it. */
  async #commitLate(late: LateCommits<V, K>, state: PartitionState<V, K>, offset: number): Promise<void> {
    const successor = this.#parts.successor()
    if (!successor) return late.commitThrough(state, offset)
    const present = successor.#parts.owned.find(state)
    if (!present || present.topicId !== state.topicId) throw notOwned(state, offset)
    return successor.commitThrough(present, offset)
  }

  #statesOf(offsets: readonly OffsetToCommit[]): Due<V, K>[] {
    return offsets.map((target) => {
      const state = this.#parts.owned.find(target)
      // What is beyond the position was read before the partition went and came back.
      if (state?.position === undefined || target.offset > state.position) throw fenced(target, target.offset)
      return due(state, target.offset)
    })
  }

  #through(records: readonly AnyKafkaRecord[]): Due<V, K>[] {
    const offsets = new Map<PartitionState<V, K>, number>()
    for (const record of records) {
      const { state } = KafkaRecord.sourceOf(record) as unknown as PartitionSource<V, K>
      this.#requireOwned(state, record.offset)
      const { lowestUnfinished = record.offset } = state.tracker
      if (this.#parts.isParallel() && lowestUnfinished < record.offset) {
        throw new InvalidRequestError(
          `${describePartition(state)}: offset ${record.offset} cannot be committed in a transaction while offset ${lowestUnfinished} is worked on; use parallel({ ordering: 'partition' })`,
        )
      }
      offsets.set(state, Math.max(offsets.get(state) ?? 0, record.offset + 1))
    }
    return [...offsets].map(([state, offset]) => due(state, offset))
  }

  #offsetsFor(records: readonly AnyKafkaRecord[] | undefined): readonly Due<V, K>[] {
    try {
      const offsets = records ? this.#through(records) : this.#givenOut()
      this.automatic.leaveToTransactions()
      return offsets
    } catch (error) {
      // A call that is wrong changes nothing; one that comes too late says what the consumer is for.
      if (!InvalidRequestError.is(error)) this.automatic.leaveToTransactions()
      throw error
    }
  }

  #givenOut(): Due<V, K>[] {
    if (this.#parts.isParallel()) {
      throw new InvalidRequestError(
        'in parallel() a transaction commits the offsets of the records that it is about: commitOffsets([record]), not commitOffsets(consumer)',
      )
    }
    const [lost] = this.#parts.owned.takeForfeited()
    if (lost) throw fenced(lost, lost.position)
    return this.#parts.owned.states.flatMap((state): Due<V, K>[] => {
      // After a seek records come before the group is asked what it has committed. What is left out here would be written twice.
      const { position, committed = -1 } = state
      return position !== undefined && position > committed ? [due(state, position)] : []
    })
  }

  #requireGroup(): string {
    const { group } = this.#parts.settings
    if (group !== undefined) return group
    throw new InvalidRequestError('the consumer has no group, so there is nothing to commit to; give it one: { group }')
  }

  #requireOwned(state: PartitionState<V, K>, offset: number): void {
    if (!this.#parts.owned.owns(state)) throw notOwned(state, offset)
  }

  #requireAllOwned(offsets: readonly Due<V, K>[], mayBeCommitted = false): void {
    for (const { state, offset } of offsets)
      if (!this.#parts.owned.owns(state)) throw errorOfAttempts(fenced(state, offset), mayBeCommitted)
  }
}

/** Nothing where the offset says nothing new. */
function dueTo<V, K>(state: PartitionState<V, K>, offset: number | undefined): Due<V, K>[] {
  return offset === undefined || offset <= (state.committed ?? -1) ? [] : [due(state, offset)]
}

function due<V, K>(state: PartitionState<V, K>, offset: number): Due<V, K> {
  const { topic, topicId, partition } = state
  return { topic, topicId, partition, offset, state }
}

function fenced(partition: TopicPartition, offset: number): MemberFencedError {
  return new MemberFencedError(
    `${describePartition(partition)} offset ${offset} cannot be committed: the partition was lost or given up after it was read, and whoever owns it reads it again`,
  )
}
