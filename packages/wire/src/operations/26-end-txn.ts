import type { endTxn } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { boolean, int16, int32, int64, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'

/** EndTxn (API key 26) in the version that gives the producer its next epoch (KIP-890). */
export const endTxnApi = defineApi({
  key: 26,
  name: 'EndTxn',
  version: 5,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, committed: boolean }),
  response: struct({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 }),
})

export const sendEndTxn: WireHandler<typeof endTxn> = async (cluster, request, call) => {
  const { transactionalId } = request
  const feature = ['transaction.version', 2, 'transactions'] as const
  const response = await cluster.askCoordinator('transaction', transactionalId, endTxnApi, request, call, { feature })
  const { throttleTimeMs, producerId, producerEpoch } = response
  return { throttleTimeMs, producerId, producerEpoch }
}
