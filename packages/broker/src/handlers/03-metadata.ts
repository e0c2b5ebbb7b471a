import type { metadata, MetadataResponse } from '@kafkado/core'
import { PartitionLog } from '../log/partition-log.ts'
import { type Topic, TopicRefusal } from '../topic/topic-registry.ts'
import { failed, type Handler, succeeded } from './handler.ts'

/** The one broker that there is. */
const nodeId = 1

type TopicAnswer = MetadataResponse['topics'][number]

/** The topics asked for, made where they are missing and that is wanted and allowed. */
export const handleMetadata: Handler<typeof metadata> = async (engine, { topics, allowAutoTopicCreation }) => {
  const changes = engine.begin()
  const answers =
    topics?.map((name): TopicAnswer => {
      try {
        const known = engine.topics.find(name)
        if (known) return describe(known)
        // Also without creation an impossible name is told from a missing one.
        engine.topics.checkNew(name, 1)
        const made = allowAutoTopicCreation ? engine.topicForUse(changes, name) : undefined
        return made
          ? describe(made)
          : missing(name, failed('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic '${name}'`))
      } catch (error) {
        if (error instanceof TopicRefusal) return missing(name, failed(error.errorName, error.message))
        throw error
      }
    }) ?? engine.topics.all().map(describe)
  await engine.commit(changes)
  return {
    throttleTimeMs: 0,
    clusterId: engine.topics.clusterId,
    controllerId: nodeId,
    brokers: [{ nodeId, host: 'embedded', port: 0, rack: null }],
    topics: answers,
  }
}

function describe({ name, topicId, partitions }: Topic): TopicAnswer {
  return {
    ...succeeded,
    topic: name,
    topicId,
    isInternal: false,
    partitions: partitions.map((_, partition) => ({
      errorCode: 0,
      partition,
      leaderId: nodeId,
      leaderEpoch: PartitionLog.leaderEpoch,
    })),
  }
}

function missing(topic: string, error: { errorCode: number; errorMessage: string }): TopicAnswer {
  return { ...error, topic, topicId: null, isInternal: false, partitions: [] }
}
