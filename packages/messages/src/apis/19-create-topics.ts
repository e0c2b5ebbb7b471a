import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int8, nullable, string, struct, uuid } from '../fields/fields.ts'

/** CreateTopics (API key 19). */
export const createTopics = defineApi({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexibleSince: 5,
  request: struct({
    topics: array(
      struct({
        topic: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(
          struct({
            partition: int32,
            brokerIds: array(int32),
          }),
        ),
        configs: array(
          struct({
            name: string,
            value: nullable(string),
          }),
        ),
      }),
    ),
    timeoutMs: field(int32, { default: 60000 }),
    validateOnly: field(boolean, { default: false }),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        topicId: field(uuid, { since: 7, ignorable: true }),
        errorCode: int16,
        errorMessage: nullable(string),
        topicConfigErrorCode: field(int16, { since: 5, tag: 0, ignorable: true }),
        numPartitions: field(int32, { since: 5, default: -1, ignorable: true }),
        replicationFactor: field(int16, { since: 5, default: -1, ignorable: true }),
        configs: field(
          nullable(
            array(
              struct({
                name: string,
                value: nullable(string),
                readOnly: boolean,
                configSource: field(int8, { default: -1 }),
                isSensitive: boolean,
              }),
            ),
          ),
          { since: 5, ignorable: true },
        ),
      }),
    ),
  }),
})
