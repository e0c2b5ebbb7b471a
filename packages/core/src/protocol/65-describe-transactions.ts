import * as schema from '../schema/schema.ts'
import { errorFields, int64, throttleTimeMs, topicPartitions } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const describeTransactionsSchemas = () => ({
  request: schema.object({ transactionalIds: schema.array(schema.string()) }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    transactionStates: schema.array(
      schema.object({
        ...errorFields(),
        transactionalId: schema.string(),
        transactionState: schema.string(),
        transactionTimeoutMs: schema.integer(),
        /** When the open transaction began; −1 when there is none. */
        transactionStartTimeMs: int64(),
        producerId: int64(),
        producerEpoch: schema.integer(),
        topics: topicPartitions(),
      }),
    ),
  }),
})

/** DescribeTransactions (API key 65): the state of transactional ids, with the partitions of an open transaction. */
export const describeTransactions = /* @__PURE__ */ defineOperation<
  DescribeTransactionsRequest,
  DescribeTransactionsResponse
>({
  apiKey: 65,
  name: 'describeTransactions',
  path: '/v1/admin/transactions/describe',
  elements: { asked: 'transactionalIds', answered: 'transactionStates', isReadOnly: true },
})

export type DescribeTransactionsRequest = RequestIn<typeof describeTransactionsSchemas>
export type DescribeTransactionsResponse = ResponseIn<typeof describeTransactionsSchemas>
