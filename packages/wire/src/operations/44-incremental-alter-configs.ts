import { incrementalAlterConfigs } from '@kafkado/core'
import type { IncrementalAlterConfigsRequest } from '@kafkado/core/protocol'
import { described } from '@kafkado/core/internal/answers'
import type { Call } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { untilEveryBroker } from '../cluster/until-known.ts'
import * as messages from '@kafkado/messages'
import { configResource, describeConfigsApi } from './32-describe-configs.ts'
import { handles } from './handler.ts'

/** IncrementalAlterConfigs (API key 44). Any broker forwards it to the controller. */
export const incrementalAlterConfigsApi = messages.incrementalAlterConfigs.at(1)

const operations = { set: 0, delete: 1 } as const

/** Answers once every broker uses the new settings. */
export const incrementalAlterConfigsHandler = handles(
  incrementalAlterConfigs,
  async (cluster, { resources, validateOnly }, call) => {
    const request = {
      validateOnly,
      resources: resources.map(({ resourceName, configs }) => ({
        resourceType: configResource.topic,
        resourceName,
        configs: configs.map(({ name, configOperation, value }) => ({
          name,
          configOperation: operations[configOperation],
          value,
        })),
      })),
    }
    const response = await cluster.askAny(incrementalAlterConfigsApi, request, call)
    const responses = response.responses.map(({ errorCode, errorMessage, resourceName }) => ({
      ...described(errorCode, errorMessage),
      resourceType: 'topic' as const,
      resourceName,
    }))
    const altered = new Set(
      responses.filter(({ errorCode }) => errorCode === 0).map(({ resourceName }) => resourceName),
    )
    if (!validateOnly && altered.size > 0)
      await untilInForce(
        cluster,
        call,
        resources.filter(({ resourceName }) => altered.has(resourceName)),
      )
    return { throttleTimeMs: response.throttleTimeMs, responses }
  },
)
function untilInForce(
  cluster: Cluster,
  call: Call,
  resources: IncrementalAlterConfigsRequest['resources'],
): Promise<void> {
  const request = {
    resources: resources.map(({ resourceName, configs }) => ({
      resourceType: configResource.topic,
      resourceName,
      configurationKeys: configs.map(({ name }) => name),
    })),
    includeSynonyms: false,
    includeDocumentation: false,
  }
  const wanted = new Map(
    resources.flatMap(({ resourceName, configs }) =>
      configs
        .filter(({ configOperation }) => configOperation === 'set')
        .map(({ name, value }) => [`${resourceName}/${name}`, value]),
    ),
  )
  return untilEveryBroker(cluster, call, async (nodeId) => {
    const { results } = await cluster.ask(nodeId, describeConfigsApi, request, call)
    return results.every(({ resourceName, configs }) =>
      configs.every(({ name, value }) => {
        const expected = wanted.get(`${resourceName}/${name}`)
        return expected === undefined || expected === value
      }),
    )
  })
}
