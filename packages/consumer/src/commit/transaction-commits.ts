import {
  type AnyKafkaRecord,
  InvalidRequestError,
  type TransactionalReader,
  type TransactionOffsets,
} from '@kafkado/core'
import type { InvalidRecords } from '../dead-letter/invalid-records.ts'
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
  readonly invalid: InvalidRecords<V, K>
}

/**
 * Offsets that producers' transactions commit for the consumer. They count together with the written records, or not at
 * all.
 */
export class TransactionCommits<V, K> implements TransactionalReader {
  readonly #parts: TransactionParts<V, K>
  /** Open transactions that commit offsets of this consumer. */
  readonly #undecided = new Set<object>()
  #onDecided: (() => void) | undefined

  constructor(parts: TransactionParts<V, K>) {
    this.#parts = parts
  }

  /** Offsets for a transaction, from a caller that tracks processed records itself. */
  exactly(offsets: readonly OffsetToCommit[]): TransactionOffsets {
    return this.#transaction(exactOffsets(this.#parts.owned, offsets))
  }

  /**
   * The offsets for a transaction to commit, once the dead letters of records before them are written. From now on only
   * transactions commit, as the later of two commits would win.
   */
  async offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    requireGroup(this.#parts.settings)
    const offsets = this.#offsetsFor(records)
    const transaction = this.#transaction(offsets)
    this.#undecided.add(transaction)
    try {
      for (const { state, offset } of offsets) await this.#parts.invalid.written(state, offset - 1)
    } catch (error) {
      transaction.onAborted()
      throw error
    }
    await this.#parts.commits.idle()
    return transaction
  }

  /** Resolves when no open transaction commits offsets of this consumer any more. */
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
      // A new epoch still belongs to this member, as long as it has owned the partitions without a break since it read.
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
      // A wrong call changes nothing. A call that comes too late still shows that transactions commit.
      if (!InvalidRequestError.is(error)) mode.leaveToTransactions()
      throw error
    }
  }

  #through(records: readonly AnyKafkaRecord[]): DueOffset<V, K>[] {
    const offsets = new Map<PartitionState<V, K>, number>()
    for (const record of records) {
      const state: PartitionState<V, K> = stateOf(record)
      if (!this.#parts.owned.owns(state)) throw notOwned(state, record.offset)
      const unfinished = this.#parts.work.isParallel ? this.#unfinishedBefore(state, record.offset) : undefined
      if (unfinished !== undefined) {
        throw new InvalidRequestError(
          `${describePartition(state)}: offset ${record.offset} cannot be committed in a transaction while offset ` +
            `${unfinished} is still being processed; use parallel({ ordering: 'partition' })`,
        )
      }
      offsets.set(state, Math.max(offsets.get(state) ?? 0, record.offset + 1))
    }
    return [...offsets].map(([state, offset]) => dueOffset(state, offset))
  }

  /** Dead letters do not count: the transaction waits for them. */
  #unfinishedBefore(state: PartitionState<V, K>, offset: number): number | undefined {
    for (const unfinished of state.tracker.unfinishedBefore(offset))
      if (!this.#parts.invalid.isUnwritten(state, unfinished)) return unfinished
    return undefined
  }

  #givenOut(): DueOffset<V, K>[] {
    const { owned, work } = this.#parts
    if (work.isParallel) {
      throw new InvalidRequestError(
        'in parallel() a transaction commits the offsets of single records: commitOffsets([record]), ' +
          'not commitOffsets(consumer)',
      )
    }
    const [lost] = owned.takeForfeited()
    if (lost) throw fenced(lost, lost.position)
    return owned.states.flatMap((state): DueOffset<V, K>[] => {
      // After a seek, records may arrive before the group has told its committed offset. Leaving out an offset here
      // would write its results twice.
      const { position, committed = -1 } = state
      return position !== undefined && position > committed ? [dueOffset(state, position)] : []
    })
  }
}
