import * as z from 'zod/mini'
import { errorCode, errorMessage, groupId, int64, partitionIndex, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/**
 * OffsetCommit (API key 8): keeps, for a group, the offset of the next record to read in each partition. A member says
 * its id and epoch; who administers an empty group says '' and −1.
 */
export const offsetCommit = /* @__PURE__ */ defineOperation({
  apiKey: 8,
  name: 'offsetCommit',
  path: '/v1/groups/offsets/commit',
  request: /* @__PURE__ */ z.object({
    groupId: groupId(),
    memberId: z.string(),
    memberEpoch: z.int(),
    groupInstanceId: z.nullable(z.string()),
    topics: z.array(
      z.object({
        topic: topicName(),
        partitions: z.array(
          z.object({
            partition: partitionIndex(),
            committedOffset: int64(),
            committedLeaderEpoch: z.int(),
            committedMetadata: z.nullable(z.string()),
          }),
        ),
      }),
    ),
  }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    topics: z.array(
      z.object({
        topic: topicName(),
        partitions: z.array(z.object({ partition: partitionIndex(), errorCode: errorCode(), errorMessage: errorMessage() })),
      }),
    ),
  }),
})

export type OffsetCommitRequest = RequestOf<typeof offsetCommit>
export type OffsetCommitResponse = ResponseOf<typeof offsetCommit>
