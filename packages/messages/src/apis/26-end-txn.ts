import { defineApi } from '../api.ts'
import { boolean, field, int16, int32, int64, string, struct } from '../fields/fields.ts'

/** EndTxn (API key 26). Version 5 gives the producer its next epoch (KIP-890). */
export const endTxn = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleSince: 3,
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    committed: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    producerId: field(int64, { since: 5, default: -1, ignorable: true }),
    producerEpoch: field(int16, { since: 5, default: -1, ignorable: true }),
  }),
})
