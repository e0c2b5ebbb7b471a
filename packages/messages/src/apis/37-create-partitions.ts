import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, nullable, string, struct } from '../fields/fields.ts'

/** CreatePartitions (API key 37). */
export const createPartitions = defineApi({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleSince: 2,
  request: struct({
    topics: array(
      struct({
        topic: string,
        count: int32,
        assignments: nullable(
          array(
            struct({
              brokerIds: array(int32),
            }),
          ),
        ),
      }),
    ),
    timeoutMs: int32,
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        topic: string,
        errorCode: int16,
        errorMessage: field(nullable(string), { default: null }),
      }),
    ),
  }),
})
