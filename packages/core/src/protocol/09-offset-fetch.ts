import * as schema from '../schema/schema.ts'
import { byTopic, errorFields, groupId, identifiedTopicPartitions, int32, int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const offsetFetchSchemas = () => ({
  request: schema.object({
    groupId: groupId(),
    /** The id of the asking member, so that a fenced member learns of it; null for a caller outside the group. */
    memberId: schema.nullable(schema.string()),
    memberEpoch: int32(),
    topics: schema.nullable(identifiedTopicPartitions()),
    /** Refuses with UNSTABLE_OFFSET_COMMIT while a transaction holds undecided offsets. */
    requireStable: schema.boolean(),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      committedOffset: int64(),
      committedLeaderEpoch: schema.integer(),
      metadata: schema.nullable(schema.string()),
    }),
  }),
})

/**
 * OffsetFetch (API key 9): a group's committed offsets, for the named partitions or, with null, for all. A partition
 * without a commit answers −1 and no error; only that answer may send a consumer to its start position.
 */
export const offsetFetch = /* @__PURE__ */ defineOperation<OffsetFetchRequest, OffsetFetchResponse>({
  apiKey: 9,
  name: 'offsetFetch',
  path: '/v1/groups/offsets/fetch',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: true },
})

export type OffsetFetchRequest = RequestIn<typeof offsetFetchSchemas>
export type OffsetFetchResponse = ResponseIn<typeof offsetFetchSchemas>
