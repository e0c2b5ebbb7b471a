import type { describeTransactions } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import { eachGroup } from './each-group.ts'
import type { WireHandler } from './handler.ts'

/** DescribeTransactions (API key 65). */
export const describeTransactionsApi = defineApi({
  key: 65,
  name: 'DescribeTransactions',
  version: 0,
  request: struct({ transactionalIds: array(string) }),
  response: struct({
    throttleTimeMs: int32,
    transactionStates: array(
      struct({
        errorCode: int16,
        transactionalId: string,
        transactionState: string,
        transactionTimeoutMs: int32,
        transactionStartTimeMs: int64,
        producerId: int64,
        producerEpoch: int16,
        topics: array(struct({ topic: string, partitions: array(int32) })),
      }),
    ),
  }),
})

export const sendDescribeTransactions: WireHandler<typeof describeTransactions> = async (cluster, request, call) => {
  const { throttleTimeMs, answers } = await eachGroup(
    cluster,
    'transaction',
    request.transactionalIds,
    call,
    async (nodeId, transactionalId) => {
      const own = { transactionalIds: [transactionalId] }
      const response = await cluster.ask(nodeId, describeTransactionsApi, own, call, { lane: 'coordinators' })
      return { throttleTimeMs: response.throttleTimeMs, answer: response.transactionStates[0] }
    },
    (transactionalId, error) => ({
      ...error,
      transactionalId,
      transactionState: '',
      transactionTimeoutMs: -1,
      transactionStartTimeMs: -1,
      producerId: -1,
      producerEpoch: -1,
      topics: [],
    }),
  )
  const transactionStates = answers.map(({ errorCode, ...state }) => ({ ...state, ...described(errorCode) }))
  return { throttleTimeMs, transactionStates }
}
