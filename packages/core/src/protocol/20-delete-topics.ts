import * as z from 'zod/mini'
import { errorFields, int32, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const deleteTopicsSchemas = () => ({
  request: z.object({ timeoutMs: int32(), topics: z.array(z.string()) }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    topics: z.array(
      z.object({
        topic: z.string(),
        topicId: z.nullable(z.string()),
        ...errorFields(),
      }),
    ),
  }),
  needs: [['delete', 'topic', 'topics']] as const,
})

/** DeleteTopics (API key 20): removes topics with all their records. What groups committed for them goes too. */
export const deleteTopics = /* @__PURE__ */ defineOperation<DeleteTopicsRequest, DeleteTopicsResponse>({
  apiKey: 20,
  name: 'deleteTopics',
  path: '/v1/admin/delete-topics',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
  repeatable: () => false,
})

export type DeleteTopicsRequest = RequestIn<typeof deleteTopicsSchemas>
export type DeleteTopicsResponse = ResponseIn<typeof deleteTopicsSchemas>
