import type { MemberFencedError } from '@kafkado/core'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { AssignedPartition, OffsetToCommit } from '../partition/topic-partition.ts'
import { fenced } from './commit-refusals.ts'

/** An offset of a partition of one particular topic. */
export interface IdentifiedOffset extends OffsetToCommit, AssignedPartition {}

/** What is to be committed of a partition, as long as it is read by this state. */
export interface DueOffset<V, K> extends IdentifiedOffset {
  readonly state: PartitionState<V, K>
}

type States<V, K> = readonly PartitionState<V, K>[]

export function dueOffset<V, K>(state: PartitionState<V, K>, offset: number): DueOffset<V, K> {
  const { topic, topicId, partition } = state
  return { topic, topicId, partition, offset, state }
}

/** Everything that has been processed. */
export function processedOf<V, K>(states: States<V, K>): DueOffset<V, K>[] {
  return states.flatMap((state) => dueIfNew(state, state.processedTo))
}

/** What an automatic commit may say: what has been processed, but for what transactions may be about. */
export function committableOf<V, K>(states: States<V, K>): DueOffset<V, K>[] {
  return states.flatMap((state) => {
    state.transactionReads.forgetBefore(state.committed ?? -1)
    return dueIfNew(state, committableTo(state))
  })
}

/**
 * Offsets as whoever keeps an own account of what is processed gives them.
 *
 * @throws MemberFencedError for a partition that is not owned, or that went and came back since
 */
export function exactOffsets<V, K>(
  owned: OwnedPartitions<V, K>,
  offsets: readonly OffsetToCommit[],
): DueOffset<V, K>[] {
  return offsets.map((target) => {
    const state = owned.find(target)
    // What is beyond the position was read before the partition went and came back.
    if (state?.position === undefined || target.offset > state.position) throw fenced(target, target.offset)
    return dueOffset(state, target.offset)
  })
}

/** What is wrong with a commit that only counts as a whole: the first of its partitions that is not owned any more. */
export function lostOf<V, K>(
  owned: OwnedPartitions<V, K>,
  offsets: readonly DueOffset<V, K>[],
): MemberFencedError | undefined {
  const lost = offsets.find(({ state }) => !owned.owns(state))
  return lost && fenced(lost.state, lost.offset)
}

/**
 * Up to where an automatic commit may go, below every offset where that is nowhere. A transaction may be the first to
 * say what was read, and a commit of before it that arrives behind it would take it back: so a position that another
 * reader finds by itself is not committed until something was read.
 */
export function committableTo<V, K>({
  processedTo = -1,
  tracker: { finishedTo, firstGivenOut },
  transactionReads,
  isFoundAgain,
}: PartitionState<V, K>): number {
  const end = transactionReads.limitOf({ to: processedTo, finishedTo })
  const isAnythingRead = firstGivenOut !== undefined && end > firstGivenOut
  return isAnythingRead || !isFoundAgain ? end : -1
}

/** Nothing where the offset says nothing new. */
function dueIfNew<V, K>(state: PartitionState<V, K>, offset: number | undefined): DueOffset<V, K>[] {
  return offset === undefined || offset <= (state.committed ?? -1) ? [] : [dueOffset(state, offset)]
}
