import * as z from 'zod/mini'
import { errorFields, int16, int32, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const createTopicsSchemas = () => ({
  request: z.object({
    timeoutMs: int32(),
    /** Check everything, make nothing. */
    validateOnly: z.boolean(),
    topics: z.array(
      z.object({
        topic: z.string(),
        numPartitions: int32(),
        replicationFactor: int16(),
        configs: z.array(z.object({ name: z.string(), value: z.nullable(z.string()) })),
      }),
    ),
  }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    topics: z.array(
      z.object({
        topic: z.string(),
        topicId: z.nullable(z.string()),
        ...errorFields(),
        numPartitions: z.int(),
        replicationFactor: z.int(),
      }),
    ),
  }),
  needs: [['create', 'topic', 'topics']] as const,
})

/**
 * CreateTopics (API key 19): each topic succeeds or fails on its own. −1 partitions or replicas: the server's default.
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
