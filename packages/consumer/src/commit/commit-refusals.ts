import { InvalidRequestError, MemberFencedError, RebalanceInProgressError } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import { describePartition, type TopicPartition } from '../partition/topic-partition.ts'

/** What whoever commits a record is told when its partition has gone on without it. */
export function notOwned(partition: TopicPartition, offset: number, cause?: unknown): RebalanceInProgressError {
  return new RebalanceInProgressError(
    `${describePartition(partition)} offset ${offset} cannot be committed: the partition was given up or its ` +
      'position moved, and whoever reads it now gets the record again',
    { retriable: false, cause },
  )
}

/**
 * What a transaction, or whoever keeps an own account of what is processed, is told: all that was made of these records
 * must not count.
 */
export function fenced(partition: TopicPartition, offset: number): MemberFencedError {
  return new MemberFencedError(
    `${describePartition(partition)} offset ${offset} cannot be committed: the partition was lost or given up ` +
      'after it was read, and whoever owns it reads it again',
  )
}

/** @throws InvalidRequestError where there is no group that could keep offsets */
export function requireGroup({ group }: Pick<ConsumerSettings, 'group'>): string {
  if (group !== undefined) return group
  throw new InvalidRequestError('the consumer has no group, so there is nothing to commit to; give it one: { group }')
}
