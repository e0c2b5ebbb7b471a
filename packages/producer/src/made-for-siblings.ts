import type { TopicLike, Transport } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { ProducerIdAndEpoch } from './batch/producer-identity.ts'
import { Producer } from './producer.ts'
import { type ProducerConfig, producerSettings } from './settings/producer-config.ts'
import { makeTransactionalProducer, type ResumableProducer } from './transaction/make-transactional-producer.ts'
import { TopicWriter } from './write/topic-writer.ts'

/**
 * Makes a producer as {@link createProducer} does.
 *
 * @param onClosed called when the producer has closed, so that its owner can forget it
 */
export function createWatchedProducer<V, K>(
  transport: Transport,
  topic: TopicLike<V, K>,
  config: ProducerConfig,
  onClosed: () => void,
): Producer<V, K> {
  return new Producer(transport, topicDefinitionOf(topic), producerSettings(config, transport), onClosed)
}

/**
 * Makes a transactional producer whose id another producer of the same client can take over later.
 *
 * @param identity the previous producer's identity; what would fence that one fences this one
 */
export function createResumableProducer(
  transport: Transport,
  config: ProducerConfig & { transactionalId: string },
  identity?: ProducerIdAndEpoch,
): ResumableProducer {
  const { transactionalId } = config
  return makeTransactionalProducer(transport, { ...producerSettings(config, transport), transactionalId }, identity)
}

/**
 * Makes the writer behind a producer of the topic, for callers who give up records and continue.
 *
 * @throws InvalidRequestError when the topic name or an option is not valid
 */
export function createTopicWriter<V, K>(
  transport: Transport,
  topic: TopicLike<V, K>,
  config: ProducerConfig,
): TopicWriter {
  return new TopicWriter(transport, topicDefinitionOf(topic).name, producerSettings(config, transport))
}
