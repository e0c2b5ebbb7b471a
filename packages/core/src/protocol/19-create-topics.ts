import * as schema from '../schema/schema.ts'
import { errorFields, int16, int32, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const createTopicsSchemas = () => ({
  request: schema.object({
    timeoutMs: int32(),
    /** Check everything, create nothing. */
    validateOnly: schema.boolean(),
    topics: schema.array(
      schema.object({
        topic: schema.string(),
        numPartitions: int32(),
        replicationFactor: int16(),
        configs: schema.array(schema.object({ name: schema.string(), value: schema.nullable(schema.string()) })),
      }),
    ),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: schema.array(
      schema.object({
        topic: schema.string(),
        topicId: schema.nullable(schema.string()),
        ...errorFields(),
        numPartitions: schema.integer(),
        replicationFactor: schema.integer(),
      }),
    ),
  }),
  needs: [['create', 'topic', 'topics']] as const,
})

/**
 * CreateTopics (API key 19): each topic succeeds or fails by itself. −1 partitions or replicas mean the server's
 * default.
 */
export const createTopics = /* @__PURE__ */ defineOperation<CreateTopicsRequest, CreateTopicsResponse>({
  apiKey: 19,
  name: 'createTopics',
  path: '/v1/admin/create-topics',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
  repeatable: () => false,
})

export type CreateTopicsRequest = RequestIn<typeof createTopicsSchemas>
export type CreateTopicsResponse = ResponseIn<typeof createTopicsSchemas>
