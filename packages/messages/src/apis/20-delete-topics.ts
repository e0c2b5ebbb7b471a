import { defineApi } from '../api.ts'
import { array, field, int16, int32, nullable, string, struct, uuid } from '../fields/fields.ts'

/** DeleteTopics (API key 20). Version 6 may identify topics by id. */
export const deleteTopics = defineApi({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexibleSince: 4,
  request: struct({
    topics: field(
      array(
        struct({
          name: field(nullable(string), { default: null }),
          topicId: uuid,
        }),
      ),
      { since: 6 },
    ),
    topicNames: field(array(string), { until: 5, ignorable: true }),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: nullable(string, { since: 6 }),
        topicId: field(uuid, { since: 6, ignorable: true }),
        errorCode: int16,
        errorMessage: field(nullable(string), { since: 5, default: null, ignorable: true }),
      }),
    ),
  }),
})
