import * as z from 'zod/mini'
import { errorCode, errorMessage, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** CreatePartitions (API key 37): raises the number of partitions of topics to `count`; it can never be lowered. */
export const createPartitions = /* @__PURE__ */ defineOperation({
  apiKey: 37,
  name: 'createPartitions',
  path: '/v1/admin/create-partitions',
  request: /* @__PURE__ */ z.object({
    timeoutMs: z.int(),
    validateOnly: z.boolean(),
    topics: z.array(z.object({ topic: topicName(), count: z.int() })),
  }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    results: z.array(z.object({ topic: topicName(), errorCode: errorCode(), errorMessage: errorMessage() })),
  }),
  repeatable: () => false,
})

export type CreatePartitionsRequest = RequestOf<typeof createPartitions>
export type CreatePartitionsResponse = ResponseOf<typeof createPartitions>
