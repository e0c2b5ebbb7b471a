import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, nullable, string, struct, uuid } from '../fields/fields.ts'

/**
 * Metadata (API key 3): the brokers, and the leaders of the partitions of topics. Version 10 has topic ids, 12 finds
 * topics by them.
 */
export const metadata = defineApi({
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexibleSince: 9,
  request: struct({
    topics: nullable(
      array(
        struct({
          topicId: field(uuid, { since: 10, ignorable: true }),
          name: nullable(string, { since: 10 }),
        }),
      ),
      { since: 1 },
    ),
    allowAutoTopicCreation: field(boolean, { since: 4, default: true }),
    includeClusterAuthorizedOperations: field(boolean, { since: 8, until: 10 }),
    includeTopicAuthorizedOperations: field(boolean, { since: 8 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 3, ignorable: true }),
    brokers: array(
      struct({
        nodeId: int32,
        host: string,
        port: int32,
        rack: field(nullable(string), { since: 1, default: null, ignorable: true }),
      }),
    ),
    clusterId: field(nullable(string), { since: 2, default: null, ignorable: true }),
    controllerId: field(int32, { since: 1, default: -1, ignorable: true }),
    topics: array(
      struct({
        errorCode: int16,
        name: nullable(string, { since: 12 }),
        topicId: field(uuid, { since: 10, ignorable: true }),
        isInternal: field(boolean, { since: 1, default: false, ignorable: true }),
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderId: int32,
            leaderEpoch: field(int32, { since: 7, default: -1, ignorable: true }),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: field(array(int32), { since: 5, ignorable: true }),
          }),
        ),
        topicAuthorizedOperations: field(int32, { since: 8, default: -2147483648 }),
      }),
    ),
    clusterAuthorizedOperations: field(int32, { since: 8, until: 10, default: -2147483648 }),
    errorCode: field(int16, { since: 13, ignorable: true }),
  }),
})
