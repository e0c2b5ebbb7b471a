import * as schema from '../schema/schema.ts'
import { byIdentifiedTopic, byTopic, errorFields, int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** Special timestamps of ListOffsets, which are not times. */
export const listOffsetsTimestamp = { latest: -1, earliest: -2, maxTimestamp: -3 } as const

/** The form of the request and the response, checked where they enter. */
export const listOffsetsSchemas = () => ({
  request: schema.object({
    isolationLevel: schema.choice('read_uncommitted', 'read_committed'),
    /** Kafka's ListOffsets has no topic ids, so brokers are asked separately whether the topic is still the same. */
    topics: byIdentifiedTopic({ timestamp: int64() }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      /** The timestamp of the record that was found; −1 if none was, and for the start and the end of the log. */
      timestamp: int64(),
      /** The offset that was found; −1 if no record is that recent. */
      offset: int64(),
    }),
  }),
  needs: [['describe', 'topic', 'topics']] as const,
})

/**
 * ListOffsets (API key 2): the first offset with at least the given timestamp. Special timestamps ask for the start
 * (−2) or the end (−1) of the log, or for the record with the greatest timestamp (−3, KIP-734).
 */
export const listOffsets = /* @__PURE__ */ defineOperation<ListOffsetsRequest, ListOffsetsResponse>({
  apiKey: 2,
  name: 'listOffsets',
  path: '/v1/list-offsets',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: true },
})

export type ListOffsetsRequest = RequestIn<typeof listOffsetsSchemas>
export type ListOffsetsResponse = ResponseIn<typeof listOffsetsSchemas>
