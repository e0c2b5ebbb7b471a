import { InvalidRequestError, MemberFencedError, RebalanceInProgressError } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import { describePartition, type TopicPartition } from '../partition/topic-partition.ts'

/** The error for the commit of a record whose partition has been given up or moved. */
export function notOwned(partition: TopicPartition, offset: number, cause?: unknown): RebalanceInProgressError {
  return new RebalanceInProgressError(
    `${describePartition(partition)} offset ${offset} cannot be committed: ` +
      'the partition was given up or its position moved, and its next reader gets the record again',
    { retriable: false, cause },
  )
}

/**
 * The error for a transaction, or for a caller that tracks processed records itself: nothing made from these
 * records may count.
 */
export function fenced(partition: TopicPartition, offset: number): MemberFencedError {
  return new MemberFencedError(
    `${describePartition(partition)} offset ${offset} cannot be committed: ` +
      'the partition was lost or given up after the record was read, and its owner reads the record again',
  )
}

/** @throws InvalidRequestError when the consumer has no group to keep offsets */
export function requireGroup({ group }: Pick<ConsumerSettings, 'group'>): string {
  if (group !== undefined) return group
  throw new InvalidRequestError('the consumer has no group, so there is nothing to commit to; give it one: { group }')
}
