import * as schema from '../schema/schema.ts'
import { byTopic, errorFields, groupId, identifiedTopicPartitions, int32, int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const offsetFetchSchemas = () => ({
  request: schema.object({
    groupId: groupId(),
    /** The asking member, so that one which was fenced learns of it; null for who is no member. */
    memberId: schema.nullable(schema.string()),
    memberEpoch: int32(),
    topics: schema.nullable(identifiedTopicPartitions()),
    /** Refuse with UNSTABLE_OFFSET_COMMIT while a transaction holds undecided offsets. */
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
 * OffsetFetch (API key 9): what a group has committed, for the partitions named or, with null, for all it has. A
 * partition without a commit answers −1 and no error: only that may send a consumer to its start position.
 */
export const offsetFetch = /* @__PURE__ */ defineOperation<OffsetFetchRequest, OffsetFetchResponse>({
  apiKey: 9,
  name: 'offsetFetch',
  path: '/v1/groups/offsets/fetch',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: true },
})

export type OffsetFetchRequest = RequestIn<typeof offsetFetchSchemas>
export type OffsetFetchResponse = ResponseIn<typeof offsetFetchSchemas>
