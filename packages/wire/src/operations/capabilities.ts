import { capabilities } from '@kafkado/core'
import { metadataApi } from '../cluster/metadata-api.ts'
import { configResource, describeConfigsApi } from './32-describe-configs.ts'
import { type HandledOperation, handles } from './handler.ts'

const messageMaxBytes = 'message.max.bytes'
/** Kafka's own default, when the broker does not show its setting. */
const defaultMaxMessageBytes = 1_048_588

export function capabilitiesHandler(operations: () => string[]): HandledOperation {
  return handles(capabilities, async (cluster, _request, call) => {
    const { clusterId, brokers } = await cluster.lookUp(
      metadataApi,
      { topics: [], allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false },
      call,
    )
    const resource = {
      resourceType: configResource.broker,
      resourceName: String(brokers[0]?.nodeId ?? ''),
      configurationKeys: [messageMaxBytes],
    }
    const request = { resources: [resource], includeSynonyms: false, includeDocumentation: false }
    const { results } = await cluster.lookUp(describeConfigsApi, request, call)
    const value = results[0]?.configs.find(({ name }) => name === messageMaxBytes)?.value
    return {
      server: `Apache Kafka, cluster ${clusterId}`,
      storage: 'kafka',
      operations: operations(),
      maxMessageBytes: value ? Number(value) : defaultMaxMessageBytes,
    }
  })
}
