import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, nullable, string, struct } from '../fields/fields.ts'

/**
 * TxnOffsetCommit (API key 28). Version 3 has members and generations, 5 enrols the group in the transaction by itself
 * (KIP-890).
 */
export const txnOffsetCommit = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexibleSince: 3,
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: field(int32, { since: 3, default: -1 }),
    memberId: field(string, { since: 3, default: '' }),
    groupInstanceId: field(nullable(string), { since: 3, default: null }),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            committedOffset: int64,
            committedLeaderEpoch: field(int32, { since: 2, default: -1, ignorable: true }),
            committedMetadata: nullable(string),
          }),
        ),
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
          }),
        ),
      }),
    ),
  }),
})
