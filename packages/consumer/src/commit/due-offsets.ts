import type { MemberFencedError } from '@kafkado/core'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import type { AssignedPartition, OffsetToCommit } from '../partition/topic-partition.ts'
import { fenced } from './commit-refusals.ts'

/** An offset in a partition of one particular topic, told by the topic's id. */
export interface IdentifiedOffset extends OffsetToCommit, AssignedPartition {}

/** An offset to commit, valid as long as this state reads the partition. */
export interface DueOffset<V, K> extends IdentifiedOffset {
  readonly state: PartitionState<V, K>
}

type States<V, K> = readonly PartitionState<V, K>[]

export function dueOffset<V, K>(state: PartitionState<V, K>, offset: number): DueOffset<V, K> {
  const { topic, topicId, partition } = state
  return { topic, topicId, partition, offset, state }
}

/** The offsets of all processed records. */
export function processedOf<V, K>(states: States<V, K>): DueOffset<V, K>[] {
  return states.flatMap((state) => dueIfNew(state, state.processedTo))
}

/** What an automatic commit may contain: processed records, without those that a transaction may cover. */
export function committableOf<V, K>(states: States<V, K>): DueOffset<V, K>[] {
  return states.flatMap((state) => {
    state.transactionReads.forgetBefore(state.committed ?? -1)
    return dueIfNew(state, committableTo(state))
  })
}

/**
 * Offsets from a caller that tracks processed records itself.
 *
 * @throws MemberFencedError for a partition that is not owned, or that was lost and assigned again since
 */
export function exactOffsets<V, K>(
  owned: OwnedPartitions<V, K>,
  offsets: readonly OffsetToCommit[],
): DueOffset<V, K>[] {
  return offsets.map((target) => {
    const state = owned.find(target)
    // An offset beyond the position was read before the partition was lost and came back.
    if (state?.position === undefined || target.offset > state.position) throw fenced(target, target.offset)
    return dueOffset(state, target.offset)
  })
}

/** The error for an all-or-nothing commit: it names the first partition that is no longer owned. */
export function lostOf<V, K>(
  owned: OwnedPartitions<V, K>,
  offsets: readonly DueOffset<V, K>[],
): MemberFencedError | undefined {
  const lost = offsets.find(({ state }) => !owned.owns(state))
  return lost && fenced(lost.state, lost.offset)
}

/**
 * How far an automatic commit may go; below every offset when it may not go anywhere. A transaction's commit may be the
 * first one for the partition, and an automatic commit of an earlier position that arrives after it would undo it. So a
 * position that another reader would find by itself is committed only after something was read.
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

/** Returns nothing when the offset is not beyond the last commit. */
function dueIfNew<V, K>(state: PartitionState<V, K>, offset: number | undefined): DueOffset<V, K>[] {
  return offset === undefined || offset <= (state.committed ?? -1) ? [] : [dueOffset(state, offset)]
}
