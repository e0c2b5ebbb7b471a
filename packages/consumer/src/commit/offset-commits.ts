import { type KafkaError, RebalanceInProgressError, type Transport } from '@kafkado/core'
import { errorOfAttempts } from '@kafkado/core/internal'
import type { InvalidRecords } from '../dead-letter/invalid-records.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import { type ConsumerEventTarget, emitCommitted } from '../settings/consumer-events.ts'
import type { Membership } from '../group/membership.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { WorkInHand } from '../partition/work-in-hand.ts'
import type { OffsetToCommit } from '../partition/topic-partition.ts'
import { notOwned, requireGroup } from './commit-refusals.ts'
import { type DueOffset, dueOffset, exactOffsets, lostOf, processedOf } from './due-offsets.ts'
import { LateCommits } from './late-commits.ts'
import { OffsetCommitter } from './offset-committer.ts'

interface CommitParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly membership: Membership
  readonly owned: OwnedPartitions<V, K>
  readonly work: WorkInHand<V, K>
  readonly invalid: InvalidRecords<V, K>
  readonly events: ConsumerEventTarget
  readonly present: PresentCommits<V, K>
}

/** The commits of the consumer's current session. A record may have been read in an earlier one. */
export interface PresentCommits<V, K> {
  commits: OffsetCommits<V, K> | undefined
}

/** A commit: its offsets, and the condition that must hold when it ends. */
export interface Commit<V, K> {
  /**
   * The offsets to commit, computed again for each attempt: none once they are committed, and none of lost partitions.
   */
  readonly due: () => readonly DueOffset<V, K>[]
  /** The error when the caller's condition does not hold. Without it, the commit may leave out lost partitions. */
  readonly unmet?: () => KafkaError | undefined
  /** Whether offsets of deleted topics may be left out. Default false: they fail the commit. */
  readonly isGoneLeftOut?: boolean
}

/**
 * Decides what is committed, and when. Kafka checks only a member's epoch, so this class makes sure that every commit
 * contains only partitions owned at the moment of sending. All kinds of commit share this code, and differ as follows:
 *
 *     kind         contains                      condition          failure goes to       who waits
 *     automatic    processed records, without    none               nobody                a revocation, until all is
 *                  those that transactions read                                           lost; a close, for its share
 *     by the user  processed records             their dead letters the user              the user
 *                                                are written
 *     a record     it and all before it          it is committed    the user, `notOwned`  the user
 *     exactly      the given offsets, without    all are owned      the caller, `fenced`  the caller
 *                  those of deleted topics
 *     transaction  records given out, or the     all are owned when the producer,         the close, until it is
 *                  given offsets                 the producer asks  `fenced`              decided
 *
 * {@link OffsetCommitter} sends the first four as this member, and {@link LateCommits} after the consumer left the
 * group. The producer sends the last kind, see `TransactionCommits`.
 */
export class OffsetCommits<V, K> {
  readonly #parts: CommitParts<V, K>
  readonly #committer: OffsetCommitter<DueOffset<V, K>>
  /** Takes over once the consumer begins to leave the group. */
  #late: Promise<LateCommits<V, K>> | undefined

  constructor(parts: CommitParts<V, K>) {
    this.#parts = parts
    const { transport, settings, membership } = parts
    this.#committer = new OffsetCommitter({
      transport,
      settings,
      member: membership,
      onCommitted: (offsets) => this.committed(offsets),
    })
  }

  /**
   * The consumer leaves the group: gives up running commits, and sends no further ones as this member.
   *
   * @param left resolves when the consumer has left the group
   */
  leave(left: Promise<void>): void {
    const { transport, settings, events, membership } = this.#parts
    this.#committer.end(new RebalanceInProgressError('the consumer has left the group', { retriable: false }))
    this.#late = left.then(() => new LateCommits({ transport, settings, events, left: membership.identity }))
  }

  /**
   * Commits all processed records, once the dead letters so far are written: those who read a few records at a time,
   * and commit them before they leave, would otherwise begin at the same dead letter for ever.
   */
  async commitProcessed(states: readonly PartitionState<V, K>[]): Promise<void> {
    const { settings, invalid } = this.#parts
    requireGroup(settings)
    const due = () => processedOf(states)
    // Dead letters may take minutes, and the partitions may be lost meanwhile: what comes before them does not wait.
    if (invalid.hasUnwritten(states)) await this.carryOut({ due })
    const problem = await invalid.firstNotWritten(states)
    await this.carryOut({ due, unmet: () => problem })
  }

  /**
   * Commits a record and all before it in its partition. While several records are processed at a time, the commit
   * stops at the lowest unfinished one: the commit of that one covers the others. Nobody commits a dead letter, so
   * every commit waits for those before it.
   */
  async commitThrough(state: PartitionState<V, K>, offset: number): Promise<void> {
    const { settings, owned, work, invalid } = this.#parts
    requireGroup(settings)
    await invalid.written(state, offset)
    if (this.#late) return this.#commitLate(await this.#late, state, offset)
    if (!owned.owns(state)) throw notOwned(state, offset)
    const { tracker } = state
    const { isParallel } = work
    if (isParallel) tracker.finish(offset)
    else tracker.finishThrough(offset)
    const end = isParallel ? Math.min(offset + 1, tracker.finishedTo ?? 0) : offset + 1
    const isCommitted = (): boolean => (state.committed ?? 0) >= end
    await this.carryOut({
      due: () => (isCommitted() ? [] : [dueOffset(state, end)]),
      unmet: () => (isCommitted() ? undefined : notOwned(state, offset)),
    })
  }

  /**
   * Commits exactly these offsets of owned partitions, for callers who keep their own account of processed records.
   * Leaves out topics that the group's broker reports as deleted: nobody reads them again. The caller keeps its
   * partitions until the commit has ended, also those of deleted topics, by letting `onRevoked` wait for it.
   *
   * @throws MemberFencedError when a partition was lost all the same: others may read its records again
   */
  async commitExactly(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { settings, owned } = this.#parts
    requireGroup(settings)
    const all = exactOffsets(owned, offsets)
    await this.carryOut({
      due: () => all.filter(({ state: { committed = -1 }, offset }) => committed < offset),
      unmet: () => lostOf(owned, all),
      isGoneLeftOut: true,
    })
  }

  /** @throws KafkaError when the group refuses the commit, or when its condition does not hold */
  async carryOut({ due, unmet, isGoneLeftOut }: Commit<V, K>): Promise<void> {
    const { owned } = this.#parts
    const ownDue = () => due().filter(({ state }) => owned.owns(state))
    const mayBeCommitted = await this.#committer.commit(ownDue, isGoneLeftOut)
    const problem = unmet?.()
    if (problem) throw errorOfAttempts(problem, mayBeCommitted)
  }

  /** Sends these beside a running commit, so that they arrive although the page goes away. */
  sendAway(offsets: readonly DueOffset<V, K>[]): void {
    if (offsets.length > 0) this.#committer.sendAway(offsets)
  }

  /** Resolves when all commits so far have succeeded or failed. */
  idle(): Promise<void> {
    return this.#committer.idle()
  }

  /** The group has stored these offsets. */
  committed(offsets: readonly DueOffset<V, K>[]): void {
    for (const { state, offset } of offsets) {
      state.committed = Math.max(state.committed ?? 0, offset)
      state.groupOffset = offset
    }
    emitCommitted(this.#parts.events, offsets)
  }

  /** The consumer may own the partition again by now; if not, nobody else may have read past the offset. */
  async #commitLate(late: LateCommits<V, K>, state: PartitionState<V, K>, offset: number): Promise<void> {
    const { commits: successor } = this.#parts.present
    if (!successor) return late.commitThrough(state, offset)
    const present = successor.#parts.owned.find(state)
    if (!present || present.topicId !== state.topicId) throw notOwned(state, offset)
    return successor.commitThrough(present, offset)
  }
}
