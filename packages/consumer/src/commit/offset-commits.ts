import { type KafkaError, RebalanceInProgressError, type Transport } from '@kafkado/core'
import { errorOfAttempts } from '@kafkado/core/internal'
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
  readonly events: ConsumerEventTarget
  readonly present: PresentCommits<V, K>
}

/**
 * The commits of the stay in the group by which a consumer reads now, which may be a later one than that which has read
 * a record.
 */
export interface PresentCommits<V, K> {
  commits: OffsetCommits<V, K> | undefined
}

/** A commit: what it says, and what has to hold when it is over. */
export interface Commit<V, K> {
  /** What is due, asked anew for each attempt: nothing once it is committed. What is not owned then is left out. */
  readonly due: () => readonly DueOffset<V, K>[]
  /** Why it is not what whoever asked for it relies on. Left out: a partition that went may be left out of it. */
  readonly unmet?: () => KafkaError | undefined
  /** Whether what is due of topics that are gone may be left out of it. Default that is a failure. */
  readonly isGoneLeftOut?: boolean
}

/**
 * What is committed, and when. Kafka checks the epoch of a member and not what it owns, so that is looked after here,
 * for every way to commit: only what is owned at the moment of sending. The ways are one, and differ in this:
 *
 *     way          says                          has to hold        is told to            is waited for
 *     automatic    what has been processed, but  nothing            nobody                at a revocation until all is
 *                  for what transactions read                                             lost, for its time at a close
 *     by the user  what has been processed       nothing            the user              by the user
 *     a record     it and all before it          it is committed    the user, `notOwned`  by the user
 *     exactly      offsets that are given        all are owned      the caller, `fenced`  by the caller
 *     transaction  what was given out, records,  all are owned as   the producer,         by the close, until it is
 *                  or offsets that are given     the producer asks  `fenced`              decided
 *
 * The first four are sent by {@link OffsetCommitter} as this member, or by {@link LateCommits} once the group was left;
 * the last by the producer, see `TransactionCommits`.
 */
export class OffsetCommits<V, K> {
  readonly #parts: CommitParts<V, K>
  readonly #committer: OffsetCommitter<DueOffset<V, K>>
  /** What takes over when the group was left, from when leaving it has begun. */
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
   * The group is being left: nothing that is under way is waited for any more, and nothing more is sent as the member
   * that goes.
   *
   * @param left resolves when the group was left
   */
  leave(left: Promise<void>): void {
    const { transport, settings, events, membership } = this.#parts
    this.#committer.end(new RebalanceInProgressError('the consumer has left the group', { retriable: false }))
    this.#late = left.then(() => new LateCommits({ transport, settings, events, left: membership.identity }))
  }

  /** Commits what has been processed. */
  async commitProcessed(states: readonly PartitionState<V, K>[]): Promise<void> {
    requireGroup(this.#parts.settings)
    await this.carryOut({ due: () => processedOf(states) })
  }

  /**
   * Commits a record and all before it in its partition. Where several are worked on at a time, the commit stops at the
   * lowest one that is not finished.
   */
  async commitThrough(state: PartitionState<V, K>, offset: number): Promise<void> {
    const { settings, owned, work } = this.#parts
    requireGroup(settings)
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
   * Commits just these offsets of owned partitions, for callers that keep their own account of what is processed. It
   * leaves out topics that are gone: nobody reads them again.
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

  /** @throws KafkaError when the group does not take it, or what has to hold does not */
  async carryOut({ due, unmet, isGoneLeftOut }: Commit<V, K>): Promise<void> {
    const { owned } = this.#parts
    const ownDue = () => due().filter(({ state }) => owned.owns(state))
    const mayBeCommitted = await this.#committer.commit(ownDue, isGoneLeftOut)
    const problem = unmet?.()
    if (problem) throw errorOfAttempts(problem, mayBeCommitted)
  }

  /** Resolves when what was to be committed so far is committed or has failed. */
  idle(): Promise<void> {
    return this.#committer.idle()
  }

  /** The group has them now. */
  committed(offsets: readonly DueOffset<V, K>[]): void {
    for (const { state, offset } of offsets) {
      state.committed = Math.max(state.committed ?? 0, offset)
      state.groupOffset = offset
    }
    emitCommitted(this.#parts.events, offsets)
  }

  /** The consumer may have come back to the partition; otherwise nobody may have gone on with it. */
  async #commitLate(late: LateCommits<V, K>, state: PartitionState<V, K>, offset: number): Promise<void> {
    const { commits: successor } = this.#parts.present
    if (!successor) return late.commitThrough(state, offset)
    const present = successor.#parts.owned.find(state)
    if (!present || present.topicId !== state.topicId) throw notOwned(state, offset)
    return successor.commitThrough(present, offset)
  }
}
