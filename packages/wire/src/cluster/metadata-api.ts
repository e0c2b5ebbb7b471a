import { defineApi } from '../codec/api.ts'
import {
  array,
  boolean,
  int16,
  int32,
  nullableArray,
  nullableString,
  string,
  struct,
  uuid,
  type ValueOf,
} from '../codec/fields.ts'

/** Metadata (API key 3): the brokers, and who leads the partitions of the topics named by name or by id. */
export const metadataApi = defineApi({
  key: 3,
  name: 'Metadata',
  version: 12,
  request: struct({
    topics: nullableArray(struct({ topicId: uuid, name: nullableString })),
    allowAutoTopicCreation: boolean,
    includeTopicAuthorizedOperations: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString })),
    clusterId: nullableString,
    controllerId: int32,
    topics: array(
      struct({
        errorCode: int16,
        name: nullableString,
        topicId: uuid,
        isInternal: boolean,
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderId: int32,
            leaderEpoch: int32,
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: array(int32),
          }),
        ),
        topicAuthorizedOperations: int32,
      }),
    ),
  }),
})

export type MetadataAnswer = ValueOf<typeof metadataApi.response>
export type TopicAnswer = MetadataAnswer['topics'][number]
