import * as schema from '../schema/schema.ts'
import { errorFields, int32, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const deleteTopicsSchemas = () => ({
  request: schema.object({ timeoutMs: int32(), topics: schema.array(schema.string()) }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: schema.array(
      schema.object({
        topic: schema.string(),
        topicId: schema.nullable(schema.string()),
        ...errorFields(),
      }),
    ),
  }),
  needs: [['delete', 'topic', 'topics']] as const,
})

/** DeleteTopics (API key 20): removes topics with all their records and the groups' committed offsets for them. */
export const deleteTopics = /* @__PURE__ */ defineOperation<DeleteTopicsRequest, DeleteTopicsResponse>({
  apiKey: 20,
  name: 'deleteTopics',
  path: '/v1/admin/delete-topics',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
  repeatable: () => false,
})

export type DeleteTopicsRequest = RequestIn<typeof deleteTopicsSchemas>
export type DeleteTopicsResponse = ResponseIn<typeof deleteTopicsSchemas>
