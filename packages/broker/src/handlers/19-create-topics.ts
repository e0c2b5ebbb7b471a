import type { createTopics, CreateTopicsRequest, CreateTopicsResponse } from '@kafkado/core'
import type { Engine } from '../engine/engine.ts'
import type { Changes } from '../records/changes.ts'
import { configProblem } from '../topic/topic-config.ts'
import { TopicRefusal } from '../topic/topic-registry.ts'
import { duplicate, failed, type Handler, namedTwice, succeeded } from './handler.ts'

const nothingMade = { topicId: null, numPartitions: -1, replicationFactor: -1 }

type Wanted = CreateTopicsRequest['topics'][number]

export const handleCreateTopics: Handler<typeof createTopics> = async (engine, { topics, validateOnly }) => {
  const changes = engine.begin()
  const twice = namedTwice(topics.map(({ topic }) => topic))
  const answers = topics.map((wanted) =>
    twice.has(wanted.topic)
      ? { topic: wanted.topic, ...duplicate(`topic '${wanted.topic}'`), ...nothingMade }
      : create(engine, changes, wanted, validateOnly),
  )
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics: answers }
}

function create(
  engine: Engine,
  changes: Changes,
  wanted: Wanted,
  validateOnly: boolean,
): CreateTopicsResponse['topics'][number] {
  const { topic, replicationFactor } = wanted
  const numPartitions = wanted.numPartitions === -1 ? engine.settings.defaultPartitions : wanted.numPartitions
  try {
    engine.topics.checkNew(topic, numPartitions)
    if (replicationFactor !== -1 && replicationFactor !== 1) {
      throw new TopicRefusal(
        'INVALID_REPLICATION_FACTOR',
        `the embedded engine is one node, so the replication factor is 1, not ${replicationFactor}`,
      )
    }
    const configs = checkedConfigs(wanted)
    const topicId = validateOnly ? null : engine.topics.create(changes, topic, numPartitions, configs).topicId
    return { topic, topicId, ...succeeded, numPartitions, replicationFactor: 1 }
  } catch (error) {
    if (!(error instanceof TopicRefusal)) throw error
    return { topic, ...failed(error.errorName, error.message), ...nothingMade }
  }
}

function checkedConfigs({ configs }: Wanted): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const { name, value } of configs) {
    const problem = configProblem(name, value)
    if (problem !== undefined) throw new TopicRefusal('INVALID_CONFIG', problem)
    if (value !== null) checked[name] = value
  }
  return checked
}
