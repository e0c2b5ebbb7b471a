import type { describeConfigs } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, boolean, int16, int32, int8, nullableArray, nullableString, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** What has settings, as Kafka numbers it. */
export const configResource = { topic: 2, broker: 4 } as const

/** DescribeConfigs (API key 32). */
export const describeConfigsApi = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  version: 4,
  request: struct({
    resources: array(struct({ resourceType: int8, resourceName: string, configurationKeys: nullableArray(string) })),
    includeSynonyms: boolean,
    includeDocumentation: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: nullableString,
            readOnly: boolean,
            configSource: int8,
            isSensitive: boolean,
            synonyms: array(struct({ name: string, value: nullableString, source: int8 })),
            configType: int8,
            documentation: nullableString,
          }),
        ),
      }),
    ),
  }),
})

/** Set for the topic itself. Every other value comes from the brokers. */
const setForTopic = 1

export const sendDescribeConfigs: WireHandler<typeof describeConfigs> = async (cluster, { resources }, call) => {
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
}
