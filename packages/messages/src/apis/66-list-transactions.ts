import { defineApi } from '../api.ts'
import { array, field, int16, int32, int64, nullable, string, struct } from '../fields/fields.ts'

/** ListTransactions (API key 66): the transactional ids that the broker coordinates. */
export const listTransactions = defineApi({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 2],
  flexibleSince: 0,
  request: struct({
    stateFilters: array(string),
    producerIdFilters: array(int64),
    durationFilterMs: field(int64, { since: 1, default: -1 }),
    transactionalIdPattern: field(nullable(string), { since: 2, default: null }),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array(
      struct({
        transactionalId: string,
        producerId: int64,
        transactionState: string,
      }),
    ),
  }),
})
