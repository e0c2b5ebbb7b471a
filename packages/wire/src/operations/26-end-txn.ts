import { endTxn } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** EndTxn (API key 26) in the version that gives the producer its next epoch (KIP-890). */
export const endTxnApi = messages.endTxn.at(5)

export const endTxnHandler = handles(endTxn, async (cluster, request, call) => {
  const { transactionalId } = request
  const feature = ['transaction.version', 2, 'transactions'] as const
  const response = await cluster.askCoordinator('transaction', transactionalId, endTxnApi, request, call, { feature })
  const { throttleTimeMs, producerId, producerEpoch } = response
  return { throttleTimeMs, producerId, producerEpoch }
})
