import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, nullable, records, string, struct, uuid } from '../fields/fields.ts'

/**
 * Produce (API key 0): appends record batches. Version 9 is flexible, 12 enrols partitions in transactions by itself
 * (KIP-890), 13 identifies topics by id.
 */
export const produce = defineApi({
  key: 0,
  name: 'Produce',
  versions: [3, 13],
  flexibleSince: 9,
  request: struct({
    transactionalId: field(nullable(string), { default: null }),
    acks: int16,
    timeoutMs: int32,
    topics: array(
      struct({
        topic: field(string, { until: 12, ignorable: true }),
        topicId: field(uuid, { since: 13, ignorable: true }),
        partitions: array(
          struct({
            partition: int32,
            records: nullable(records),
          }),
        ),
      }),
    ),
  }),
  response: struct({
    topics: array(
      struct({
        topic: field(string, { until: 12, ignorable: true }),
        topicId: field(uuid, { since: 13, ignorable: true }),
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: field(int64, { default: -1 }),
            logStartOffset: field(int64, { since: 5, default: -1, ignorable: true }),
            recordErrors: field(
              array(
                struct({
                  batchIndex: int32,
                  message: field(nullable(string), { default: null }),
                }),
              ),
              { since: 8, ignorable: true },
            ),
            errorMessage: field(nullable(string), { since: 8, default: null, ignorable: true }),
            currentLeader: field(
              struct({
                leaderId: field(int32, { default: -1 }),
                leaderEpoch: field(int32, { default: -1 }),
              }),
              { since: 10, tag: 0 },
            ),
          }),
        ),
      }),
    ),
    throttleTimeMs: field(int32, { default: 0 }),
    nodeEndpoints: field(
      array(
        struct({
          nodeId: int32,
          host: string,
          port: int32,
          rack: field(nullable(string), { default: null }),
        }),
      ),
      { since: 10, tag: 0 },
    ),
  }),
})
