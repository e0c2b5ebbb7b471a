import * as schema from '../schema/schema.ts'
import { byTopic, errorFields, int32, int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const offsetForLeaderEpochSchemas = () => ({
  request: schema.object({
    topics: byTopic({
      /** The leader epoch that the client knows; a newer leader refuses it. −1 when it knows none. */
      currentLeaderEpoch: int32(),
      leaderEpoch: int32(),
    }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      /** The greatest epoch up to the requested one; −1 when there is none. */
      leaderEpoch: schema.integer(),
      /** The offset after the last record of that epoch; −1 when there is none. */
      endOffset: int64(),
    }),
  }),
  needs: [['describe', 'topic', 'topics']] as const,
})

/**
 * OffsetForLeaderEpoch (API key 23): where an epoch of a partition's leader ended. It tells a reader whether its log
 * was truncated.
 */
export const offsetForLeaderEpoch = /* @__PURE__ */ defineOperation<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
>({
  apiKey: 23,
  name: 'offsetForLeaderEpoch',
  path: '/v1/offset-for-leader-epoch',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: true },
})

export type OffsetForLeaderEpochRequest = RequestIn<typeof offsetForLeaderEpochSchemas>
export type OffsetForLeaderEpochResponse = ResponseIn<typeof offsetForLeaderEpochSchemas>
