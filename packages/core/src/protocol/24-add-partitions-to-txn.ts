import * as schema from '../schema/schema.ts'
import { partitionResults, throttleTimeMs, topicPartitions, transactionalProducer } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const addPartitionsToTxnSchemas = () => ({
  request: schema.object({ ...transactionalProducer(), topics: topicPartitions() }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: partitionResults(),
  }),
  needs: [
    ['write', 'transactionalId', 'transactionalId'],
    ['write', 'topic', 'topics'],
  ] as const,
})

/**
 * AddPartitionsToTxn (API key 24): enrols partitions in a producer's transaction, all or none of them. Since KIP-890 a
 * produce request enrols its partitions by itself; older producers send this.
 */
export const addPartitionsToTxn = /* @__PURE__ */ defineOperation<
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse
>({
  apiKey: 24,
  name: 'addPartitionsToTxn',
  path: '/v1/transactions/add-partitions',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type AddPartitionsToTxnRequest = RequestIn<typeof addPartitionsToTxnSchemas>
export type AddPartitionsToTxnResponse = ResponseIn<typeof addPartitionsToTxnSchemas>
