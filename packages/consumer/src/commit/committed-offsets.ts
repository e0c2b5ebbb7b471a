import type { Transport } from '@kafkado/core'
import { committedOffsets, type OffsetAnswer } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { MemberIdentity } from '../group/membership.ts'
import type { AssignedPartition } from '../partition/topic-partition.ts'

interface CommittedQuery {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'group' | 'isolation'>
  /** As whom to ask. */
  readonly member: MemberIdentity
  readonly partitions: readonly AssignedPartition[]
  readonly signal?: AbortSignal
}

/**
 * What the group has committed for partitions. An error is never taken for "nothing".
 *
 * @throws KafkaError when the request fails as a whole, such as for a member that is not known
 */
export async function fetchCommitted(query: CommittedQuery): Promise<OffsetAnswer[]> {
  const { transport, settings, member, partitions, signal } = query
  const { group: groupId, isolation } = settings
  // Who has no group has committed nothing.
  if (groupId === undefined) return partitions.map(() => ({ offset: undefined }))
  const requireStable = isolation === 'read_committed'
  return committedOffsets(transport, { groupId, ...member, partitions, requireStable }, { signal })
}
