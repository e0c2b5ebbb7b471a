import type { Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import { DerivedMembership, type DerivedPartitions } from './derived-membership.ts'
import { GroupMembership } from './group-membership.ts'
import { ManualAssignment } from './manual-assignment.ts'
import type { Membership } from './membership.ts'
import type { TopicSubscription } from './topic-subscription.ts'

export interface MembershipParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: TopicSubscription<V, K>
  /** Partitions that were chosen by hand; undefined leaves that to the group or takes all. */
  readonly chosen: readonly TopicPartition[] | undefined
  /** Which partitions are read in place of those that the group has assigned. */
  readonly derived?: DerivedPartitions | undefined
}

/** How a session comes to its partitions. */
export function makeMembership<V, K>(parts: MembershipParts<V, K>): Membership {
  const { transport, settings, subscription, chosen, derived } = parts
  const { group, runtime } = settings
  if (group === undefined || chosen) return new ManualAssignment({ transport, settings, subscription, chosen })
  const membership = new GroupMembership({ transport, settings, group, subscription })
  return derived ? new DerivedMembership({ group: membership, derived, runtime }) : membership
}
