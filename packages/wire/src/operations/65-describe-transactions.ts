import { describeTransactions } from '@kafkado/core'
import { described, unknownTransaction } from '@kafkado/core/internal/answers'
import * as messages from '@kafkado/messages'
import { eachGroup } from './each-group.ts'
import { handles } from './handler.ts'

/** DescribeTransactions (API key 65). */
export const describeTransactionsApi = messages.describeTransactions.at(0)

export const describeTransactionsHandler = handles(describeTransactions, async (cluster, request, call) => {
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
    unknownTransaction,
  )
  const transactionStates = answers.map(({ errorCode, ...state }) => ({ ...state, ...described(errorCode) }))
  return { throttleTimeMs, transactionStates }
})
