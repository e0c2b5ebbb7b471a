import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, int8, nullable, records, string, struct, uuid } from '../fields/fields.ts'

/**
 * Fetch (API key 1): reads record batches. Version 7 has sessions (KIP-227), 12 is flexible and detects diverging logs,
 * 13 identifies topics by id, 15 names the fetching replica in a tagged field.
 */
export const fetch = defineApi({
  key: 1,
  name: 'Fetch',
  versions: [4, 18],
  flexibleSince: 12,
  request: struct({
    clusterId: field(nullable(string), { since: 12, tag: 0, default: null, ignorable: true }),
    replicaId: field(int32, { until: 14, default: -1 }),
    replicaState: field(
      struct({
        replicaId: field(int32, { default: -1 }),
        replicaEpoch: field(int64, { default: -1 }),
      }),
      { since: 15, tag: 1 },
    ),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: field(int32, { default: 0x7f_ff_ff_ff }),
    isolationLevel: field(int8, { default: 0 }),
    sessionId: field(int32, { since: 7, default: 0, ignorable: true }),
    sessionEpoch: field(int32, { since: 7, default: -1, ignorable: true }),
    topics: array(
      struct({
        topic: field(string, { until: 12, ignorable: true }),
        topicId: field(uuid, { since: 13, ignorable: true }),
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: field(int32, { since: 9, default: -1, ignorable: true }),
            fetchOffset: int64,
            lastFetchedEpoch: field(int32, { since: 12, default: -1 }),
            logStartOffset: field(int64, { since: 5, default: -1, ignorable: true }),
            partitionMaxBytes: int32,
            replicaDirectoryId: field(uuid, { since: 17, tag: 0, ignorable: true }),
            highWatermark: field(int64, { since: 18, tag: 1, default: Number.MAX_SAFE_INTEGER, ignorable: true }),
          }),
        ),
      }),
    ),
    forgottenTopics: field(
      array(
        struct({
          topic: field(string, { until: 12, ignorable: true }),
          topicId: field(uuid, { since: 13, ignorable: true }),
          partitions: array(int32),
        }),
      ),
      { since: 7 },
    ),
    rackId: field(string, { since: 11, default: '', ignorable: true }),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: field(int16, { since: 7, ignorable: true }),
    sessionId: field(int32, { since: 7, default: 0 }),
    topics: array(
      struct({
        topic: field(string, { until: 12, ignorable: true }),
        topicId: field(uuid, { since: 13, ignorable: true }),
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: field(int64, { default: -1 }),
            logStartOffset: field(int64, { since: 5, default: -1, ignorable: true }),
            divergingEpoch: field(
              struct({
                epoch: field(int32, { default: -1 }),
                endOffset: field(int64, { default: -1 }),
              }),
              { since: 12, tag: 0 },
            ),
            currentLeader: field(
              struct({
                leaderId: field(int32, { default: -1 }),
                leaderEpoch: field(int32, { default: -1 }),
              }),
              { since: 12, tag: 1 },
            ),
            snapshotId: field(
              struct({
                endOffset: field(int64, { default: -1 }),
                epoch: field(int32, { default: -1 }),
              }),
              { since: 12, tag: 2 },
            ),
            abortedTransactions: nullable(
              array(
                struct({
                  producerId: int64,
                  firstOffset: int64,
                }),
              ),
            ),
            preferredReadReplica: field(int32, { since: 11, default: -1 }),
            records: nullable(records),
          }),
        ),
      }),
    ),
    nodeEndpoints: field(
      array(
        struct({
          nodeId: int32,
          host: string,
          port: int32,
          rack: field(nullable(string), { default: null }),
        }),
      ),
      { since: 16, tag: 0 },
    ),
  }),
})
