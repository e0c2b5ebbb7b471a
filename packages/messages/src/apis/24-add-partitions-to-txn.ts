import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int64, string, struct } from '../fields/fields.ts'

/**
 * AddPartitionsToTxn (API key 24). From version 4 on, brokers send it to each other, for several transactions at a
 * time.
 */
export const addPartitionsToTxn = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleSince: 3,
  request: struct({
    transactions: field(
      array(
        struct({
          transactionalId: string,
          producerId: int64,
          producerEpoch: int16,
          verifyOnly: field(boolean, { default: false }),
          topics: array(
            struct({
              topic: string,
              partitions: array(int32),
            }),
          ),
        }),
      ),
      { since: 4 },
    ),
    transactionalId: field(string, { until: 3 }),
    producerId: field(int64, { until: 3 }),
    producerEpoch: field(int16, { until: 3 }),
    topics: field(
      array(
        struct({
          topic: string,
          partitions: array(int32),
        }),
      ),
      { until: 3 },
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: field(int16, { since: 4, ignorable: true }),
    resultsByTransaction: field(
      array(
        struct({
          transactionalId: string,
          topics: array(
            struct({
              topic: string,
              partitions: array(
                struct({
                  partition: int32,
                  errorCode: int16,
                }),
              ),
            }),
          ),
        }),
      ),
      { since: 4 },
    ),
    topics: field(
      array(
        struct({
          topic: string,
          partitions: array(
            struct({
              partition: int32,
              errorCode: int16,
            }),
          ),
        }),
      ),
      { until: 3 },
    ),
  }),
})
