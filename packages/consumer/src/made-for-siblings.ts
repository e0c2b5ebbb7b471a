import type { TopicSelection, Transport } from '@kafkado/core'
import { type ConsumerConfig, consumerSettings } from './settings/consumer-config.ts'
import { Consumer } from './consumer.ts'
import { TopicSubscription } from './group/topic-subscription.ts'
import type { ConsumerParts } from './session/consumer-stays.ts'

/** Makes a consumer as {@link createConsumer} does, for owners who close it. */
export function createWatchedConsumer<V, K>(
  transport: Transport,
  topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
  config: ConsumerConfig,
  parts: ConsumerParts,
): Consumer<V, K> {
  const list = (Array.isArray(topics) ? topics : [topics]) as readonly TopicSelection<V, K>[]
  return new Consumer(transport, new TopicSubscription(list), consumerSettings(config, transport), parts)
}
