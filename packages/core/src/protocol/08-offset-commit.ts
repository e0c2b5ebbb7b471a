import * as schema from '../schema/schema.ts'
import { committedOffsets, groupId, int32, partitionResults, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const offsetCommitSchemas = () => ({
  request: schema.object({
    groupId: groupId(),
    memberId: schema.string(),
    memberEpoch: int32(),
    groupInstanceId: schema.nullable(schema.string()),
    topics: committedOffsets(),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: partitionResults(),
  }),
  needs: [
    ['read', 'group', 'groupId'],
    ['read', 'topic', 'topics'],
  ] as const,
})

/**
 * OffsetCommit (API key 8): stores, for a group, the offset of the next record to read in each partition. A member
 * sends its id and epoch; an administrator of an empty group sends '' and −1. Each partition succeeds or fails by
 * itself. A transport must not retry it: a refusal of the retry would hide an earlier success.
 */
export const offsetCommit = /* @__PURE__ */ defineOperation<OffsetCommitRequest, OffsetCommitResponse>({
  apiKey: 8,
  name: 'offsetCommit',
  path: '/v1/groups/offsets/commit',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
  repeatable: () => false,
})

export type OffsetCommitRequest = RequestIn<typeof offsetCommitSchemas>
export type OffsetCommitResponse = ResponseIn<typeof offsetCommitSchemas>
