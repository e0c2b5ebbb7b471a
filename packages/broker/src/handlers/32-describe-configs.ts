import { describeConfigs } from '@kafkado/core'
import { noSuchTopic, succeeded } from '@kafkado/core/internal/answers'
import { configNames, configValue } from '../settings/topic-config.ts'
import { handles } from './handler.ts'

export const handleDescribeConfigs = handles(describeConfigs, (engine, { resources }) => {
  const results = resources.map(({ resourceType, resourceName, configurationKeys }) => {
    const topic = engine.topics.find(resourceName)
    if (!topic)
      return {
        resourceType,
        resourceName,
        configs: [],
        ...noSuchTopic(resourceName),
      }
    const wanted = new Set(configurationKeys)
    const names = wanted.size > 0 ? configNames.filter((name) => wanted.has(name)) : configNames
    const configs = names.map((name) => ({
      name,
      value: configValue(topic.configs, name),
      isDefault: !Object.hasOwn(topic.configs, name),
      readOnly: false,
    }))
    return { resourceType, resourceName, configs, ...succeeded }
  })
  return { throttleTimeMs: 0, results }
})
