import type { describeTransactions } from '@kafkado/core'
import { failed, type Handler } from './handler.ts'

export const handleDescribeTransactions: Handler<typeof describeTransactions> = (engine, { transactionalIds }) => {
  const transactionStates = transactionalIds.map(
    (transactionalId) =>
      engine.transactions.describe(transactionalId) ?? {
        ...failed('TRANSACTIONAL_ID_NOT_FOUND', `there is no transactional id '${transactionalId}'`),
        transactionalId,
        transactionState: '',
        transactionTimeoutMs: -1,
        transactionStartTimeMs: -1,
        producerId: -1,
        producerEpoch: -1,
        topics: [],
      },
  )
  return { throttleTimeMs: 0, transactionStates }
}
