import * as z from 'zod/mini'
import { errorCode, errorMessage, groupId, partitionIndex, throttleTimeMs, topicName, topicPartitions } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** OffsetDelete (API key 47): forgets what a group committed for partitions of topics it is not subscribed to. */
export const offsetDelete = /* @__PURE__ */ defineOperation({
  apiKey: 47,
  name: 'offsetDelete',
  path: '/v1/groups/offsets/delete',
  request: /* @__PURE__ */ z.object({ groupId: groupId(), topics: topicPartitions() }),
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

export type OffsetDeleteRequest = RequestOf<typeof offsetDelete>
export type OffsetDeleteResponse = ResponseOf<typeof offsetDelete>
