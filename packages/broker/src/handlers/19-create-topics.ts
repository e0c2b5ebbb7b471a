import { createTopics } from '@kafkado/core'
import type { CreateTopicsRequest, CreateTopicsResponse } from '@kafkado/core/protocol'
import { succeeded } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { Changes } from '../records/changes.ts'
import { Refusal } from '../refusals/refusal.ts'
import { configProblem } from '../settings/topic-config.ts'
import { refusalOfRequest } from '../topic/topic-bounds.ts'
import { duplicate, handles, namedTwice, refused } from './handler.ts'

const nothingMade = { topicId: null, numPartitions: -1, replicationFactor: -1 }

type Wanted = CreateTopicsRequest['topics'][number]

export const handleCreateTopics = handles(createTopics, async (engine, { topics, validateOnly }) => {
  const changes = engine.begin()
  const twice = namedTwice(topics.map(({ topic }) => topic))
  const isMade = ({ topic }: Wanted): boolean => !twice.has(topic)
  const added = topics.filter(isMade).reduce((sum, wanted) => sum + Math.max(partitionsOf(engine, wanted), 0), 0)
  const excess = refusalOfRequest(engine.settings, added)
  const answers = topics.map((wanted) => {
    if (!isMade(wanted)) return { topic: wanted.topic, ...duplicate(`topic '${wanted.topic}'`), ...nothingMade }
    return create(engine, changes, wanted, validateOnly, excess)
  })
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics: answers }
})

function create(
  engine: Engine,
  changes: Changes,
  wanted: Wanted,
  validateOnly: boolean,
  excess: Refusal | undefined,
): CreateTopicsResponse['topics'][number] {
  const { topic } = wanted
  const numPartitions = partitionsOf(engine, wanted)
  const configs =
    engine.topics.refusalOfNew(topic, numPartitions) ?? excess ?? refusalOfReplicas(wanted) ?? checkedConfigs(wanted)
  if (configs instanceof Refusal) return { topic, ...refused(configs), ...nothingMade }
  const topicId = validateOnly ? null : engine.topics.create(changes, topic, numPartitions, configs).topicId
  return { topic, topicId, ...succeeded, numPartitions, replicationFactor: 1 }
}

function partitionsOf({ settings }: Engine, { numPartitions }: Wanted): number {
  return numPartitions === -1 ? settings.defaultPartitions : numPartitions
}

function refusalOfReplicas({ replicationFactor }: Wanted): Refusal | undefined {
  if (replicationFactor === -1 || replicationFactor === 1) return undefined
  const message = `the embedded engine is one node, so the replication factor is 1, not ${replicationFactor}`
  return new Refusal('INVALID_REPLICATION_FACTOR', message)
}

function checkedConfigs({ configs }: Wanted): Record<string, string> | Refusal {
  const checked: Record<string, string> = {}
  for (const { name, value } of configs) {
    const problem = configProblem(name, value)
    if (problem !== undefined) return new Refusal('INVALID_CONFIG', problem)
    if (value !== null) checked[name] = value
  }
  return checked
}
