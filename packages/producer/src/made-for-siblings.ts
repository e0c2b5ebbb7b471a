import type { TopicLike, Transport } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { ProducerIdAndEpoch } from './batch/producer-identity.ts'
import { Producer } from './producer.ts'
import { type ProducerConfig, producerSettings } from './settings/producer-config.ts'
import { makeTransactionalProducer, type ResumableProducer } from './transaction/make-transactional-producer.ts'
import { TopicWriter } from './write/topic-writer.ts'

/**
 * A producer as {@link createProducer} makes it.
 *
 * @param onClosed called when it has closed, so that it need not be kept to be closed
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
 * A transactional producer whose id another one of the same client can go on under.
 *
 * @param identity what the last one was known by: this one is fenced if that one would be
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
 * What a producer of the topic writes by, for those who give up and go on.
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
