import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int64, nullable, string, struct, uuid } from '../fields/fields.ts'

/**
 * OffsetFetch (API key 9). Version 8 asks for several groups at a time, 9 has the epochs of members (KIP-848), 10
 * identifies topics by id, which Apache Kafka 4.1 has not finished.
 */
export const offsetFetch = defineApi({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 10],
  flexibleSince: 6,
  request: struct({
    groupId: field(string, { until: 7 }),
    topics: field(
      nullable(
        array(
          struct({
            topic: string,
            partitions: array(int32),
          }),
        ),
        { since: 2 },
      ),
      { until: 7 },
    ),
    groups: field(
      array(
        struct({
          groupId: string,
          memberId: field(nullable(string), { since: 9, default: null, ignorable: true }),
          memberEpoch: field(int32, { since: 9, default: -1, ignorable: true }),
          topics: nullable(
            array(
              struct({
                topic: field(string, { until: 9, ignorable: true }),
                topicId: field(uuid, { since: 10, ignorable: true }),
                partitions: array(int32),
              }),
            ),
          ),
        }),
      ),
      { since: 8 },
    ),
    requireStable: field(boolean, { since: 7, default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 3, ignorable: true }),
    topics: field(
      array(
        struct({
          topic: string,
          partitions: array(
            struct({
              partition: int32,
              committedOffset: int64,
              committedLeaderEpoch: field(int32, { since: 5, default: -1, ignorable: true }),
              metadata: nullable(string),
              errorCode: int16,
            }),
          ),
        }),
      ),
      { until: 7 },
    ),
    errorCode: field(int16, { since: 2, until: 7, default: 0, ignorable: true }),
    groups: field(
      array(
        struct({
          groupId: string,
          topics: array(
            struct({
              topic: field(string, { until: 9, ignorable: true }),
              topicId: field(uuid, { since: 10, ignorable: true }),
              partitions: array(
                struct({
                  partition: int32,
                  committedOffset: int64,
                  committedLeaderEpoch: field(int32, { default: -1 }),
                  metadata: nullable(string),
                  errorCode: int16,
                }),
              ),
            }),
          ),
          errorCode: field(int16, { default: 0 }),
        }),
      ),
      { since: 8 },
    ),
  }),
})
