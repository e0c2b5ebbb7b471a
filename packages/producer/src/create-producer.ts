import type { TopicLike, Transport } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import { Producer } from './producer.ts'
import { type ProducerConfig, producerSettings } from './settings/producer-config.ts'

/**
 * Makes a producer for one topic.
 *
 * @param transport carries out the requests; closing the producer leaves it open
 * @throws InvalidRequestError when the topic name or an option is not valid
 */
export function createProducer<V = unknown, K = string>(
  transport: Transport,
  topic: TopicLike<V, K>,
  config: ProducerConfig = {},
): Producer<V, K> {
  return new Producer(transport, topicDefinitionOf(topic), producerSettings(config, transport))
}
