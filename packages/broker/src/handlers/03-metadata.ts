import { metadata } from '@kafkado/core'
import type { MetadataResponse } from '@kafkado/core/protocol'
import { type ErrorFields, noSuchTopic, succeeded } from '@kafkado/core/internal/answers'
import { PartitionLog } from '../log/partition-log.ts'
import { Refusal } from '../refusals/refusal.ts'
import type { Topic } from '../topic/topic-registry.ts'
import { handles, refused } from './handler.ts'

/** The only broker. */
const nodeId = 1

type TopicAnswer = MetadataResponse['topics'][number]

/** Returns the requested topics. Creates missing ones if requested and allowed. */
export const handleMetadata = handles(metadata, async (engine, { topics, allowAutoTopicCreation }) => {
  const changes = engine.begin()
  const answers =
    topics?.map((name): TopicAnswer => {
      const known = engine.topics.find(name)
      // Even without creation, the answer tells an impossible name from a missing one.
      const refusal = known ? undefined : engine.topics.refusalOfNew(name, 1)
      const found = refusal ?? known ?? (allowAutoTopicCreation ? engine.topicForUse(changes, name) : undefined)
      if (!found) return missing(name, noSuchTopic(name))
      return found instanceof Refusal ? missing(name, refused(found)) : describe(found)
    }) ?? engine.topics.all().map(describe)
  await engine.commit(changes)
  return {
    throttleTimeMs: 0,
    clusterId: engine.topics.clusterId,
    controllerId: nodeId,
    brokers: [{ nodeId, host: 'embedded', port: 0, rack: null }],
    topics: answers,
  }
})

function describe({ name, topicId, partitions }: Topic): TopicAnswer {
  return {
    ...succeeded,
    topic: name,
    topicId,
    isInternal: false,
    partitions: partitions.map((_, partition) => ({
      errorCode: succeeded.errorCode,
      partition,
      leaderId: nodeId,
      leaderEpoch: PartitionLog.leaderEpoch,
    })),
  }
}

function missing(topic: string, error: ErrorFields): TopicAnswer {
  return { ...error, topic, topicId: null, isInternal: false, partitions: [] }
}
