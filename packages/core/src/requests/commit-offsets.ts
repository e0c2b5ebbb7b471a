import type { KafkaError } from '../errors/kafka-error.ts'
import { offsetCommit, type OffsetCommitRequest, type OffsetCommitResponse } from '../protocol/08-offset-commit.ts'
import { txnOffsetCommit, type TxnOffsetCommitRequest } from '../protocol/28-txn-offset-commit.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { answersOf, byTopic, type IdentifiedPartition } from './by-topic.ts'
import { refusalOf } from './partition-refusal.ts'

/** The offset of the next record to read in a partition, and the metadata to store with it. */
export interface OffsetToKeep extends IdentifiedPartition {
  readonly offset: number
  readonly metadata?: string | null | undefined
}

interface Offsets {
  readonly offsets: readonly OffsetToKeep[]
}

/**
 * Commits offsets for a group, as one of its members, or with '' and −1 from outside the group.
 *
 * @returns for each offset, in order, the error that refused it; `undefined` for a committed one
 * @throws KafkaError when the whole request fails
 */
export async function commitOffsets(
  transport: Transport,
  { offsets, ...member }: Omit<OffsetCommitRequest, 'topics'> & Offsets,
  options?: SendOptions,
): Promise<(KafkaError | undefined)[]> {
  const request = { ...member, topics: toCommit(offsets) }
  return refusals(offsets, await transport.send(offsetCommit, request, options))
}

/** Adds offsets of a group to a producer's transaction; otherwise as {@link commitOffsets}. */
export async function commitOffsetsInTransaction(
  transport: Transport,
  { offsets, ...member }: Omit<TxnOffsetCommitRequest, 'topics'> & Offsets,
  options?: SendOptions,
): Promise<(KafkaError | undefined)[]> {
  const request = { ...member, topics: toCommit(offsets) }
  return refusals(offsets, await transport.send(txnOffsetCommit, request, options))
}

function toCommit(offsets: readonly OffsetToKeep[]): OffsetCommitRequest['topics'] {
  return byTopic(offsets, ({ partition, offset, metadata = null }) => ({
    partition,
    committedOffset: offset,
    committedLeaderEpoch: -1,
    committedMetadata: metadata,
  }))
}

function refusals(
  offsets: readonly OffsetToKeep[],
  { topics }: Pick<OffsetCommitResponse, 'topics'>,
): (KafkaError | undefined)[] {
  const answerOf = answersOf(topics)
  return offsets.map((offset) => refusalOf(offset, answerOf(offset)))
}
