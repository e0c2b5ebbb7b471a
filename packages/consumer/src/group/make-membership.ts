import type { Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { TopicPartition } from '../topic-partition.ts'
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
  /** What stands between the group and the session, where it reads others than the group has assigned. */
  readonly around?: ((group: Membership) => Membership) | undefined
}

/** How a session comes to its partitions. */
export function makeMembership<V, K>(parts: MembershipParts<V, K>): Membership {
  const { transport, settings, subscription, chosen, around } = parts
  const { group } = settings
  if (group === undefined || chosen) return new ManualAssignment({ transport, settings, subscription, chosen })
  const membership = new GroupMembership({ transport, settings, group, subscription })
  return around?.(membership) ?? membership
}
