import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, string, struct } from '../fields/fields.ts'

/** OffsetForLeaderEpoch (API key 23): where the records of an epoch end. */
export const offsetForLeaderEpoch = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexibleSince: 4,
  request: struct({
    replicaId: field(int32, { since: 3, default: -2, ignorable: true }),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: field(int32, { default: -1 }),
            leaderEpoch: int32,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderEpoch: field(int32, { default: -1 }),
            endOffset: field(int64, { default: -1 }),
          }),
        ),
      }),
    ),
  }),
})
