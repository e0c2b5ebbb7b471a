import type { Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
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
  /** Wraps the group's membership, where the session reads other partitions than the group has assigned. */
  readonly around?: ((group: Membership) => Membership) | undefined
}

/** Makes the membership that gives a session its partitions. */
export function makeMembership<V, K>(parts: MembershipParts<V, K>): Membership {
  const { transport, settings, subscription, chosen, around } = parts
  const { group } = settings
  if (group === undefined || chosen) return new ManualAssignment({ transport, settings, subscription, chosen })
  const membership = new GroupMembership({ transport, settings, group, subscription })
  return around?.(membership) ?? membership
}
