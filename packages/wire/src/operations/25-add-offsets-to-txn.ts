import { addOffsetsToTxn } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** AddOffsetsToTxn (API key 25). */
export const addOffsetsToTxnApi = messages.addOffsetsToTxn.at(4)

export const addOffsetsToTxnHandler = handles(addOffsetsToTxn, async (cluster, request, call) => {
  const { transactionalId } = request
  const response = await cluster.askCoordinator('transaction', transactionalId, addOffsetsToTxnApi, request, call)
  return { throttleTimeMs: response.throttleTimeMs }
})
