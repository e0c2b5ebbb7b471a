import * as z from 'zod/mini'
import { int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const listTransactionsSchemas = () => ({
  request: z.object({
    /** Empty: all states. */
    stateFilters: z.array(z.string()),
    /** Empty: all producers. */
    producerIdFilters: z.array(int64()),
    /** Only those that have been open for at least so long; −1: all. */
    durationFilterMs: int64(),
  }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    unknownStateFilters: z.array(z.string()),
    transactionStates: z.array(
      z.object({ transactionalId: z.string(), producerId: int64(), transactionState: z.string() }),
    ),
  }),
})

/** ListTransactions (API key 66): the transactional ids that are known, and what state each is in. */
export const listTransactions = /* @__PURE__ */ defineOperation<ListTransactionsRequest, ListTransactionsResponse>({
  apiKey: 66,
  name: 'listTransactions',
  path: '/v1/admin/transactions/list',
})

export type ListTransactionsRequest = RequestIn<typeof listTransactionsSchemas>
export type ListTransactionsResponse = ResponseIn<typeof listTransactionsSchemas>
