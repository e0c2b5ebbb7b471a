import * as schema from '../schema/schema.ts'
import { int64, throttleTimeMs, transactionalProducer } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const endTxnSchemas = () => ({
  request: schema.object({
    ...transactionalProducer(),
    /** True commits, false aborts. */
    committed: schema.boolean(),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    /** The identity for the producer's next transaction: the next epoch, or a new id after the last epoch. */
    producerId: int64(),
    producerEpoch: schema.integer(),
  }),
  needs: [['write', 'transactionalId', 'transactionalId']] as const,
})

/**
 * EndTxn (API key 26, KIP-890): commits or aborts a producer's transaction. A repetition with the same epoch and
 * decision gets the same answer.
 */
export const endTxn = /* @__PURE__ */ defineOperation<EndTxnRequest, EndTxnResponse>({
  apiKey: 26,
  name: 'endTxn',
  path: '/v1/transactions/end',
})

export type EndTxnRequest = RequestIn<typeof endTxnSchemas>
export type EndTxnResponse = ResponseIn<typeof endTxnSchemas>
