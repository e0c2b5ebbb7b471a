import { describeTransactions } from '@kafkado/core'
import { failed, succeeded } from '@kafkado/core/internal'
import { handles } from './handler.ts'

export const handleDescribeTransactions = handles(describeTransactions, (engine, { transactionalIds }) => {
  const transactionStates = transactionalIds.map((transactionalId) => {
    const known = engine.transactions.describe(transactionalId)
    if (known) return { ...succeeded, ...known }
    return {
      ...failed('TRANSACTIONAL_ID_NOT_FOUND', `there is no transactional id '${transactionalId}'`),
      transactionalId,
      transactionState: '',
      transactionTimeoutMs: -1,
      transactionStartTimeMs: -1,
      producerId: -1,
      producerEpoch: -1,
      topics: [],
    }
  })
  return { throttleTimeMs: 0, transactionStates }
})
