import { listTransactions } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** ListTransactions (API key 66). Each broker lists the transactional ids that it coordinates. */
export const listTransactionsApi = messages.listTransactions.at(1)

export const listTransactionsHandler = handles(listTransactions, (cluster, request, call) =>
  call.retrying(async () => {
    const answers = await cluster.askAll(listTransactionsApi, request, call)
    for (const { errorCode } of answers) throwRefusal(errorCode)
    return {
      throttleTimeMs: Math.max(...answers.map(({ throttleTimeMs }) => throttleTimeMs)),
      unknownStateFilters: [...new Set(answers.flatMap(({ unknownStateFilters }) => unknownStateFilters))],
      transactionStates: answers.flatMap(({ transactionStates }) => transactionStates),
    }
  }),
)
