import { listTransactions } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** ListTransactions (API key 66). Each broker lists the transactional ids that it coordinates. */
export const listTransactionsApi = messages.listTransactions.at(1)

export const listTransactionsHandler = handles(listTransactions, (cluster, request, call) =>
  call.retrying(async () => {
    const { throttleTimeMs, answers } = await cluster.askAll(listTransactionsApi, request, call)
    return {
      throttleTimeMs,
      unknownStateFilters: [...new Set(answers.flatMap(({ unknownStateFilters }) => unknownStateFilters))],
      transactionStates: answers.flatMap(({ transactionStates }) => transactionStates),
    }
  }),
)
