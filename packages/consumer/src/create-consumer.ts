import type { Transport } from '@kafkado/core'
import { type ConsumerConfig, consumerSettings } from './consumer-config.ts'
import { Consumer } from './consumer.ts'
import { type TopicSelection, TopicSubscription } from './group/topic-subscription.ts'
import type { ConsumerParts } from './session/consumer-stays.ts'

/**
 * Makes a consumer of one topic or of several, as a member of a group or on its own. Nothing is sent before it is read
 * from.
 *
 * @param transport carries out the requests; it stays open when the consumer is closed
 * @param topics by name or definition; or all whose names match, by a RegExp, {@link topicsMatching} or
 *   {@link topicsWithPrefix}
 * @throws InvalidRequestError when a topic name or an option is not valid
 */
export function createConsumer<V = unknown, K = string>(
  transport: Transport,
  topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
  config: ConsumerConfig = {},
  parts: ConsumerParts = {},
): Consumer<V, K> {
  const list = (Array.isArray(topics) ? topics : [topics]) as readonly TopicSelection<V, K>[]
  return new Consumer(transport, new TopicSubscription(list), consumerSettings(config), parts)
}
