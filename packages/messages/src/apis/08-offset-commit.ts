import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, nullable, string, struct, uuid } from '../fields/fields.ts'

/**
 * OffsetCommit (API key 8). Version 9 is for groups whose members have epochs (KIP-848), 10 identifies topics by id,
 * which Apache Kafka 4.1 has not finished.
 */
export const offsetCommit = defineApi({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 10],
  flexibleSince: 8,
  request: struct({
    groupId: string,
    memberEpoch: field(int32, { default: -1 }),
    memberId: string,
    groupInstanceId: field(nullable(string), { since: 7, default: null }),
    retentionTimeMs: field(int64, { until: 4, default: -1, ignorable: true }),
    topics: array(
      struct({
        topic: field(string, { until: 9, ignorable: true }),
        topicId: field(uuid, { since: 10, ignorable: true }),
        partitions: array(
          struct({
            partition: int32,
            committedOffset: int64,
            committedLeaderEpoch: field(int32, { since: 6, default: -1, ignorable: true }),
            committedMetadata: nullable(string),
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 3, ignorable: true }),
    topics: array(
      struct({
        topic: field(string, { until: 9, ignorable: true }),
        topicId: field(uuid, { since: 10, ignorable: true }),
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
