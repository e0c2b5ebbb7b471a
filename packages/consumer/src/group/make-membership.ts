import { assignmentByHand } from '#assignment-by-hand'
import { KafkaError, TopicNotFoundError, type Transport } from '@kafkado/core'
import { allTopics, backoffOf, presentTopics } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import { GroupMembership } from './group-membership.ts'
import type { ManualTools } from './manual-assignment.ts'
import { type Membership, noListener, noMember } from './membership.ts'
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

const tools: ManualTools = {
  KafkaError,
  TopicNotFoundError,
  allTopics,
  presentTopics,
  backoffOf,
  noMember,
  noListener,
}

/** Makes the membership that gives a session its partitions. */
export function makeMembership<V, K>(parts: MembershipParts<V, K>): Membership {
  const { transport, settings, subscription, chosen, around } = parts
  const { group } = settings
  if (group === undefined || chosen) return assignmentByHand({ transport, settings, subscription, chosen, tools })
  const membership = new GroupMembership({ transport, settings, group, subscription })
  return around?.(membership) ?? membership
}
