import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, int8, string, struct } from '../fields/fields.ts'

/**
 * ListOffsets (API key 2): offsets by time. Version 7 finds the greatest timestamp (KIP-734), 8 and 9 find offsets of
 * tiered storage, 10 has a time limit.
 */
export const listOffsets = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 10],
  flexibleSince: 6,
  request: struct({
    replicaId: int32,
    isolationLevel: field(int8, { since: 2 }),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: field(int32, { since: 4, default: -1, ignorable: true }),
            timestamp: int64,
          }),
        ),
      }),
    ),
    timeoutMs: field(int32, { since: 10, ignorable: true }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 2, ignorable: true }),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            timestamp: field(int64, { default: -1 }),
            offset: field(int64, { default: -1 }),
            leaderEpoch: field(int32, { since: 4, default: -1 }),
          }),
        ),
      }),
    ),
  }),
})
