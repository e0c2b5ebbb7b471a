import * as z from 'zod/mini'
import { errorCode, errorMessage, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** CreateTopics (API key 19): each topic succeeds or fails on its own. −1 partitions or replicas: the server's default. */
export const createTopics = /* @__PURE__ */ defineOperation({
  apiKey: 19,
  name: 'createTopics',
  path: '/v1/admin/create-topics',
  request: /* @__PURE__ */ z.object({
    timeoutMs: z.int(),
    /** Check everything, make nothing. */
    validateOnly: z.boolean(),
    topics: z.array(
      z.object({
        topic: z.string(),
        numPartitions: z.int(),
        replicationFactor: z.int(),
        configs: z.array(z.object({ name: z.string(), value: z.nullable(z.string()) })),
      }),
    ),
  }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    topics: z.array(
      z.object({
        topic: z.string(),
        topicId: z.nullable(z.string()),
        errorCode: errorCode(),
        errorMessage: errorMessage(),
        numPartitions: z.int(),
        replicationFactor: z.int(),
      }),
    ),
  }),
  repeatable: () => false,
})

export type CreateTopicsRequest = RequestOf<typeof createTopics>
export type CreateTopicsResponse = ResponseOf<typeof createTopics>
