import type { Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { TopicPartition } from '../topic-partition.ts'
import { DerivedMembership, type DerivedPartitions } from './derived-membership.ts'
import { GroupMembership } from './group-membership.ts'
import { ManualAssignment } from './manual-assignment.ts'
import type { Membership } from './membership.ts'
import type { TopicSubscription } from './topic-subscription.ts'

export interface MembershipParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: TopicSubscription<V, K>
  /** Partitions chosen by hand; undefined: the group assigns them, or without a group the consumer takes all. */
  readonly chosen: readonly TopicPartition[] | undefined
  /** The partitions to read in place of the assigned ones. */
  readonly derived?: DerivedPartitions | undefined
}

/** Makes the membership that gives a session its partitions. */
export function makeMembership<V, K>(parts: MembershipParts<V, K>): Membership {
  const { transport, settings, subscription, chosen, derived } = parts
  const { group, runtime } = settings
  if (group === undefined || chosen) return new ManualAssignment({ transport, settings, subscription, chosen })
  const membership = new GroupMembership({ transport, settings, group, subscription })
  return derived ? new DerivedMembership({ group: membership, derived, runtime }) : membership
}
