import { codeOf, metadata } from '@kafkado/core'
import { described, noSuchTopic } from '@kafkado/core/internal/answers'
import { learnOrMake } from '../cluster/make-topics.ts'
import { handles } from './handler.ts'

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')

/**
 * Metadata (API key 3). Its form is in cluster/metadata-api.ts, because the cluster itself uses it. Answers always come
 * from a broker, never from memory.
 */
export const metadataHandler = handles(metadata, async (cluster, { topics, allowAutoTopicCreation }, call) => {
  let answer = await cluster.metadata.askFor(topics, call)
  const isMissing = answer.topics.some(({ errorCode }) => errorCode === unknownTopic)
  if (topics && allowAutoTopicCreation && isMissing && (await learnOrMake(cluster, topics, call)))
    answer = await cluster.metadata.askFor(topics, call)
  return {
    throttleTimeMs: answer.throttleTimeMs,
    clusterId: answer.clusterId,
    controllerId: answer.controllerId,
    brokers: answer.brokers.map(({ nodeId, host, port, rack }) => ({ nodeId, host, port, rack })),
    topics: answer.topics.map(({ errorCode, name, topicId, isInternal, partitions }) => ({
      ...(errorCode === unknownTopic ? noSuchTopic(name ?? '') : described(errorCode)),
      topic: name ?? '',
      topicId,
      isInternal,
      partitions: partitions
        .map(({ errorCode: partitionError, partition, leaderId, leaderEpoch }) => ({
          errorCode: partitionError,
          partition,
          leaderId,
          leaderEpoch,
        }))
        .sort((left, right) => left.partition - right.partition),
    })),
  }
})
