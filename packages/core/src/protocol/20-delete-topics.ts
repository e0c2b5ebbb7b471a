import * as z from 'zod/mini'
import { errorCode, errorMessage, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** DeleteTopics (API key 20): removes topics with all their records. What groups committed for them goes too. */
export const deleteTopics = /* @__PURE__ */ defineOperation({
  apiKey: 20,
  name: 'deleteTopics',
  path: '/v1/admin/delete-topics',
  request: /* @__PURE__ */ z.object({ timeoutMs: z.int(), topics: z.array(z.string()) }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    topics: z.array(
      z.object({ topic: z.string(), topicId: z.nullable(z.string()), errorCode: errorCode(), errorMessage: errorMessage() }),
    ),
  }),
  repeatable: () => false,
})

export type DeleteTopicsRequest = RequestOf<typeof deleteTopics>
export type DeleteTopicsResponse = ResponseOf<typeof deleteTopics>
