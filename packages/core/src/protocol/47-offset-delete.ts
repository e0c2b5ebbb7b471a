import * as schema from '../schema/schema.ts'
import { groupId, partitionResults, throttleTimeMs, topicPartitions } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const offsetDeleteSchemas = () => ({
  request: schema.object({ groupId: groupId(), topics: topicPartitions() }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: partitionResults(),
  }),
  needs: [
    ['delete', 'group', 'groupId'],
    ['read', 'topic', 'topics'],
  ] as const,
})

/** OffsetDelete (API key 47): deletes a group's committed offsets for topics that it is not subscribed to. */
export const offsetDelete = /* @__PURE__ */ defineOperation<OffsetDeleteRequest, OffsetDeleteResponse>({
  apiKey: 47,
  name: 'offsetDelete',
  path: '/v1/groups/offsets/delete',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type OffsetDeleteRequest = RequestIn<typeof offsetDeleteSchemas>
export type OffsetDeleteResponse = ResponseIn<typeof offsetDeleteSchemas>
