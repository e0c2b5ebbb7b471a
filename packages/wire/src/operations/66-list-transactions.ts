import type { listTransactions } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'

/** ListTransactions (API key 66). Each broker lists the transactional ids that it coordinates. */
export const listTransactionsApi = defineApi({
  key: 66,
  name: 'ListTransactions',
  version: 1,
  request: struct({ stateFilters: array(string), producerIdFilters: array(int64), durationFilterMs: int64 }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array(struct({ transactionalId: string, producerId: int64, transactionState: string })),
  }),
})

export const sendListTransactions: WireHandler<typeof listTransactions> = (cluster, request, call) =>
  call.retrying(async () => {
    const answers = await cluster.askAll(listTransactionsApi, request, call)
    for (const { errorCode } of answers) throwRefusal(errorCode)
    return {
      throttleTimeMs: Math.max(...answers.map(({ throttleTimeMs }) => throttleTimeMs)),
      unknownStateFilters: [...new Set(answers.flatMap(({ unknownStateFilters }) => unknownStateFilters))],
      transactionStates: answers.flatMap(({ transactionStates }) => transactionStates),
    }
  })
