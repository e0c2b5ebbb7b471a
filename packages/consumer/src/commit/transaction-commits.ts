import {
  type AnyKafkaRecord,
  InvalidRequestError,
  type TransactionalReader,
  type TransactionOffsets,
} from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { Membership } from '../group/membership.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import { type PartitionState, stateOf } from '../partition/partition-state.ts'
import type { WorkInHand } from '../partition/work-in-hand.ts'
import { describePartition, type OffsetToCommit } from '../partition/topic-partition.ts'
import type { CommitMode } from './commit-mode.ts'
import { fenced, notOwned, requireGroup } from './commit-refusals.ts'
import { type DueOffset, dueOffset, exactOffsets, lostOf } from './due-offsets.ts'
import type { OffsetCommits } from './offset-commits.ts'

interface TransactionParts<V, K> {
  readonly settings: ConsumerSettings
  readonly membership: Membership
  readonly owned: OwnedPartitions<V, K>
  readonly work: WorkInHand<V, K>
  readonly mode: CommitMode
  readonly commits: OffsetCommits<V, K>
}

/**
 * What producers' transactions commit for the consumer: offsets that count together with what was written, or not at
 * all.
 */
export class TransactionCommits<V, K> implements TransactionalReader {
  readonly #parts: TransactionParts<V, K>
  /** Transactions that commit offsets of this consumer and are not decided yet. */
  readonly #undecided = new Set<object>()
  #onDecided: (() => void) | undefined

  constructor(parts: TransactionParts<V, K>) {
    this.#parts = parts
  }

  /** What a transaction is to commit, for callers that keep their own account of what is processed. */
  exactly(offsets: readonly OffsetToCommit[]): TransactionOffsets {
    return this.#transaction(exactOffsets(this.#parts.owned, offsets))
  }

  /**
   * What a transaction is to commit. Nothing else is committed from now on, as the later of two commits would count.
   */
  async offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    requireGroup(this.#parts.settings)
    const transaction = this.#transaction(this.#offsetsFor(records))
    this.#undecided.add(transaction)
    await this.#parts.commits.idle()
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

  #transaction(offsets: readonly DueOffset<V, K>[]): TransactionOffsets {
    const { settings, membership, owned, commits } = this.#parts
    const transaction: TransactionOffsets = {
      groupId: requireGroup(settings),
      groupInstanceId: settings.instanceId,
      // An epoch that has moved on is this member's all the same, as long as it has owned without a break what it read.
      member: () => {
        const lost = lostOf(owned, offsets)
        if (lost) throw lost
        return membership.identity
      },
      renewMember: () => membership.heartbeat(),
      offsets,
      onCommitted: () => {
        for (const { state, offset } of offsets) state.tracker.finishThrough(offset - 1)
        commits.committed(offsets)
        this.#decide(transaction, offsets)
      },
      onAborted: () => this.#decide(transaction, offsets),
    }
    return transaction
  }

  #decide(transaction: TransactionOffsets, offsets: readonly DueOffset<V, K>[]): void {
    for (const { state, offset } of offsets) this.#parts.owned.settle(state, offset)
    this.#undecided.delete(transaction)
    if (this.#undecided.size === 0) this.#onDecided?.()
  }

  #offsetsFor(records: readonly AnyKafkaRecord[] | undefined): readonly DueOffset<V, K>[] {
    const { mode } = this.#parts
    try {
      const offsets = records ? this.#through(records) : this.#givenOut()
      mode.leaveToTransactions()
      return offsets
    } catch (error) {
      // A call that is wrong changes nothing; one that comes too late says what the consumer is for.
      if (!InvalidRequestError.is(error)) mode.leaveToTransactions()
      throw error
    }
  }

  #through(records: readonly AnyKafkaRecord[]): DueOffset<V, K>[] {
    const offsets = new Map<PartitionState<V, K>, number>()
    for (const record of records) {
      const state: PartitionState<V, K> = stateOf(record)
      if (!this.#parts.owned.owns(state)) throw notOwned(state, record.offset)
      const { lowestUnfinished = record.offset } = state.tracker
      if (this.#parts.work.isParallel && lowestUnfinished < record.offset) {
        throw new InvalidRequestError(
          `${describePartition(state)}: offset ${record.offset} cannot be committed in a transaction while offset ` +
            `${lowestUnfinished} is worked on; use parallel({ ordering: 'partition' })`,
        )
      }
      offsets.set(state, Math.max(offsets.get(state) ?? 0, record.offset + 1))
    }
    return [...offsets].map(([state, offset]) => dueOffset(state, offset))
  }

  #givenOut(): DueOffset<V, K>[] {
    const { owned, work } = this.#parts
    if (work.isParallel) {
      throw new InvalidRequestError(
        'in parallel() a transaction commits the offsets of the records that it is about: commitOffsets([record]), ' +
          'not commitOffsets(consumer)',
      )
    }
    const [lost] = owned.takeForfeited()
    if (lost) throw fenced(lost, lost.position)
    return owned.states.flatMap((state): DueOffset<V, K>[] => {
      // After a seek records come before the group is asked what it has committed. What is left out here would be
      // written twice.
      const { position, committed = -1 } = state
      return position !== undefined && position > committed ? [dueOffset(state, position)] : []
    })
  }
}
