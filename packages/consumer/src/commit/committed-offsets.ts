import type { Transport } from '@kafkado/core'
import { committedOffsets, type OffsetAnswer } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { MemberIdentity } from '../group/membership.ts'
import type { AssignedPartition } from '../partition/topic-partition.ts'

interface CommittedQuery {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'group' | 'isolation'>
  /** The member that asks. */
  readonly member: MemberIdentity
  readonly partitions: readonly AssignedPartition[]
  readonly signal?: AbortSignal
}

/**
 * The group's committed offsets. An error never counts as "nothing committed".
 *
 * @throws KafkaError when the whole request fails, for example for an unknown member
 */
export async function fetchCommitted(query: CommittedQuery): Promise<OffsetAnswer[]> {
  const { transport, settings, member, partitions, signal } = query
  const { group: groupId, isolation } = settings
  // Without a group nothing is committed.
  if (groupId === undefined) return partitions.map(() => ({ offset: undefined }))
  const requireStable = isolation === 'read_committed'
  return committedOffsets(transport, { groupId, ...member, partitions, requireStable }, { signal })
}
