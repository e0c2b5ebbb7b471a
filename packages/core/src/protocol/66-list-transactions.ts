import * as schema from '../schema/schema.ts'
import { int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const listTransactionsSchemas = () => ({
  request: schema.object({
    /** Empty: all states. */
    stateFilters: schema.array(schema.string()),
    /** Empty: all producers. */
    producerIdFilters: schema.array(int64()),
    /** Only transactions that have been open for at least this time; −1: all. */
    durationFilterMs: int64(),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    unknownStateFilters: schema.array(schema.string()),
    transactionStates: schema.array(
      schema.object({ transactionalId: schema.string(), producerId: int64(), transactionState: schema.string() }),
    ),
  }),
})

/** ListTransactions (API key 66): the known transactional ids and their states. */
export const listTransactions = /* @__PURE__ */ defineOperation<ListTransactionsRequest, ListTransactionsResponse>({
  apiKey: 66,
  name: 'listTransactions',
  path: '/v1/admin/transactions/list',
})

export type ListTransactionsRequest = RequestIn<typeof listTransactionsSchemas>
export type ListTransactionsResponse = ResponseIn<typeof listTransactionsSchemas>
