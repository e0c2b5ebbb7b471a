import type { TopicSelection, Transport } from '@kafkado/core'
import type { ConsumerConfig } from './settings/consumer-config.ts'
import type { Consumer } from './consumer.ts'
import { createWatchedConsumer } from './made-for-siblings.ts'

/**
 * Makes a consumer of one or more topics, as a member of a group or on its own. It sends nothing before you read from
 * it.
 *
 * @param transport carries out the requests; closing the consumer leaves it open
 * @param topics names or definitions; or a RegExp, {@link topicsMatching} or {@link topicsWithPrefix} for all topics
 *   with matching names
 * @throws InvalidRequestError when a topic name or an option is not valid
 */
export function createConsumer<V = unknown, K = string>(
  transport: Transport,
  topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
  config: ConsumerConfig = {},
): Consumer<V, K> {
  return createWatchedConsumer(transport, topics, config, {})
}
