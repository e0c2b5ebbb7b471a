import { describeConfigs } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** The kinds of resources with settings, as Kafka numbers them. */
export const configResource = { topic: 2, broker: 4 } as const

/** DescribeConfigs (API key 32). */
export const describeConfigsApi = messages.describeConfigs.at(4)

/** The source of a setting made for the topic itself. All other values come from the brokers. */
const setForTopic = 1

export const describeConfigsHandler = handles(describeConfigs, async (cluster, { resources }, call) => {
  const request = {
    resources: resources.map((resource) => ({ ...resource, resourceType: configResource.topic })),
    includeSynonyms: false,
    includeDocumentation: false,
  }
  const response = await cluster.lookUp(describeConfigsApi, request, call)
  return {
    throttleTimeMs: response.throttleTimeMs,
    results: response.results.map(({ errorCode, errorMessage, resourceName, configs }) => ({
      ...described(errorCode, errorMessage),
      resourceType: 'topic' as const,
      resourceName,
      configs: configs.map(({ name, value, readOnly, configSource }) => ({
        name,
        value,
        isDefault: configSource !== setForTopic,
        readOnly,
      })),
    })),
  }
})
