import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, nullable, string, struct } from '../fields/fields.ts'

/** DescribeProducers (API key 61): the producers that have written to partitions. */
export const describeProducers = defineApi({
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleSince: 0,
  request: struct({
    topics: array(
      struct({
        topic: string,
        partitions: array(int32),
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
            partition: int32,
            errorCode: int16,
            errorMessage: field(nullable(string), { default: null }),
            activeProducers: array(
              struct({
                producerId: int64,
                producerEpoch: int32,
                lastSequence: field(int32, { default: -1 }),
                lastTimestamp: field(int64, { default: -1 }),
                coordinatorEpoch: int32,
                currentTxnStartOffset: field(int64, { default: -1 }),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
})
