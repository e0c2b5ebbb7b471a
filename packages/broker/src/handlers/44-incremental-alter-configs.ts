import { incrementalAlterConfigs } from '@kafkado/core'
import type { IncrementalAlterConfigsRequest } from '@kafkado/core/protocol'
import { type ErrorFields, failed, noSuchTopic, succeeded } from '@kafkado/core/internal/answers'
import { shortened } from '@kafkado/core/internal'
import { configProblem } from '../settings/topic-config.ts'
import { duplicate, handles, namedTwice } from './handler.ts'

/** Settings that let records go, or go sooner: whoever needs room changes these. */
const roomMaking: ReadonlySet<string> = new Set([
  'cleanup.policy',
  'delete.retention.ms',
  'max.compaction.lag.ms',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  'retention.bytes',
  'retention.ms',
])

/** Longer names of settings are shown cut off. */
const mostCharacters = 100

type Change = IncrementalAlterConfigsRequest['resources'][number]['configs'][number]

export const handleIncrementalAlterConfigs = handles(
  incrementalAlterConfigs,
  async (engine, { resources, validateOnly }) => {
    const isMakingRoom = resources.some(({ configs }) => configs.some(({ name }) => roomMaking.has(name)))
    const changes = isMakingRoom ? engine.beginEnding() : engine.begin()
    const twice = namedTwice(resources.map(({ resourceName }) => resourceName))
    const responses = resources.map(({ resourceType, resourceName, configs }) => {
      const resource = { resourceType, resourceName }
      if (twice.has(resourceName)) return { ...resource, ...duplicate(`topic '${resourceName}'`) }
      const malformed = malformedChanges(resourceName, configs)
      if (malformed) return { ...resource, ...malformed }
      const topic = engine.topics.find(resourceName)
      if (!topic) return { ...resource, ...noSuchTopic(resourceName) }
      const problem = configs.map(problemOf).find((found) => found !== undefined)
      if (problem !== undefined) return { ...resource, ...failed('INVALID_CONFIG', problem) }
      if (!validateOnly) engine.topics.configure(changes, topic, changed(topic.configs, configs))
      return { ...resource, ...succeeded }
    })
    await engine.commit(changes)
    return { throttleTimeMs: 0, responses }
  },
)

/** As in Kafka, a topic gets none of its changes if one of them is ambiguous or empty, whether it exists or not. */
function malformedChanges(topic: string, configs: readonly Change[]): ErrorFields | undefined {
  const [repeated] = namedTwice(configs.map(({ name }) => name))
  if (repeated !== undefined)
    return duplicate(`the setting '${shortened(repeated, mostCharacters)}' of topic '${topic}'`)
  const empty = configs.find(({ configOperation, value }) => configOperation === 'set' && value === null)
  if (!empty) return undefined
  const setting = `the setting '${shortened(empty.name, mostCharacters)}' of topic '${topic}'`
  return failed('INVALID_REQUEST', `${setting} has no value; delete it for its default`)
}

function problemOf({ name, configOperation, value }: Change): string | undefined {
  return configOperation === 'set' ? configProblem(name, value) : undefined
}

function changed(configs: Readonly<Record<string, string>>, changes: readonly Change[]): Record<string, string> {
  const entries = new Map(Object.entries(configs))
  for (const { name, configOperation, value } of changes) {
    if (configOperation === 'set' && value !== null) entries.set(name, value)
    else entries.delete(name)
  }
  return Object.fromEntries(entries)
}
