import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, int8, string, struct } from '../codec/fields.ts'

/** ListOffsets (API key 2) in the version that finds the greatest timestamp (KIP-734). */
export const listOffsetsApi = defineApi({
  key: 2,
  name: 'ListOffsets',
  version: 7,
  request: struct({
    replicaId: int32,
    isolationLevel: int8,
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, currentLeaderEpoch: int32, timestamp: int64 })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({ partition: int32, errorCode: int16, timestamp: int64, offset: int64, leaderEpoch: int32 }),
        ),
      }),
    ),
  }),
})
