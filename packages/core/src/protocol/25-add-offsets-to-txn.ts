import * as schema from '../schema/schema.ts'
import { groupId, throttleTimeMs, transactionalProducer } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const addOffsetsToTxnSchemas = () => ({
  request: schema.object({ ...transactionalProducer(), groupId: groupId() }),
  response: schema.object({ throttleTimeMs: throttleTimeMs() }),
  needs: [
    ['write', 'transactionalId', 'transactionalId'],
    ['read', 'group', 'groupId'],
  ] as const,
})

/**
 * AddOffsetsToTxn (API key 25): enrols the offsets of a group in a producer's transaction. Since KIP-890
 * txnOffsetCommit does this by itself; older producers send this.
 */
export const addOffsetsToTxn = /* @__PURE__ */ defineOperation<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>({
  apiKey: 25,
  name: 'addOffsetsToTxn',
  path: '/v1/transactions/add-offsets',
})

export type AddOffsetsToTxnRequest = RequestIn<typeof addOffsetsToTxnSchemas>
export type AddOffsetsToTxnResponse = ResponseIn<typeof addOffsetsToTxnSchemas>
