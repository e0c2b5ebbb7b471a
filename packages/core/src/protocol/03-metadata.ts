import * as schema from '../schema/schema.ts'
import { errorCode, errorFields, partitionIndex, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const metadataSchemas = () => ({
  request: schema.object({
    topics: schema.nullable(schema.array(topicName())),
    allowAutoTopicCreation: schema.boolean(),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    clusterId: schema.nullable(schema.string()),
    controllerId: schema.integer(),
    brokers: schema.array(
      schema.object({
        nodeId: schema.integer(),
        host: schema.string(),
        port: schema.integer(),
        rack: schema.nullable(schema.string()),
      }),
    ),
    topics: schema.array(
      schema.object({
        ...errorFields(),
        topic: schema.string(),
        /** A UUID. A later topic with the same name gets another one. Null on an error. */
        topicId: schema.nullable(schema.string()),
        isInternal: schema.boolean(),
        partitions: schema.array(
          schema.object({
            errorCode: errorCode(),
            partition: partitionIndex(),
            leaderId: schema.integer(),
            leaderEpoch: schema.integer(),
          }),
        ),
      }),
    ),
  }),
})

/**
 * Metadata (API key 3): the brokers, and the partitions of the named topics, or of all topics when `topics` is null.
 * With `allowAutoTopicCreation` it creates missing topics, if the server permits that.
 */
export const metadata = /* @__PURE__ */ defineOperation<MetadataRequest, MetadataResponse>({
  apiKey: 3,
  name: 'metadata',
  path: '/v1/metadata',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type MetadataRequest = RequestIn<typeof metadataSchemas>
export type MetadataResponse = ResponseIn<typeof metadataSchemas>
