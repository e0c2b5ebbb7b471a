import { describeTransactions } from '@kafkado/core'
import { failed, succeeded, unknownTransaction } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

export const handleDescribeTransactions = handles(describeTransactions, (engine, { transactionalIds }) => {
  const transactionStates = transactionalIds.map((transactionalId) => {
    const known = engine.transactions.describe(transactionalId)
    if (known) return { ...succeeded, ...known }
    const message = `there is no transactional id '${transactionalId}'`
    return unknownTransaction(transactionalId, failed('TRANSACTIONAL_ID_NOT_FOUND', message))
  })
  return { throttleTimeMs: 0, transactionStates }
})
