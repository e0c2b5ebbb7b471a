import { defineApi } from '../api.ts'
import { array, int16, int32, string, struct } from '../fields/fields.ts'

/** OffsetDelete (API key 47), which has no flexible version. */
export const offsetDelete = defineApi({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  flexibleSince: 'none',
  request: struct({
    groupId: string,
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    errorCode: int16,
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
          }),
        ),
      }),
    ),
  }),
})
