import type { TopicSelection, Transport } from '@kafkado/core'
import type { ConsumerConfig } from './settings/consumer-config.ts'
import type { Consumer } from './consumer.ts'
import { createWatchedConsumer } from './made-for-siblings.ts'

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
): Consumer<V, K> {
  return createWatchedConsumer(transport, topics, config, {})
}
