import type { initProducerId } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import { defineApi } from '../codec/api.ts'
import { int16, int32, int64, nullableString, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'

/** InitProducerId (API key 22). Without a transactional id any broker gives out ids. */
export const initProducerIdApi = defineApi({
  key: 22,
  name: 'InitProducerId',
  version: 5,
  request: struct({
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    producerId: int64,
    producerEpoch: int16,
  }),
  response: struct({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 }),
})

export const sendInitProducerId: WireHandler<typeof initProducerId> = async (cluster, request, call) => {
  const { transactionalId } = request
  const { throttleTimeMs, producerId, producerEpoch } =
    transactionalId === null
      ? await call.retrying(async () => {
          const response = await cluster.askAny(initProducerIdApi, request, call)
          throwRefusal(response.errorCode)
          return response
        })
      : await cluster.askCoordinator('transaction', transactionalId, initProducerIdApi, request, call, {
          feature: ['transaction.version', 2, 'transactions'],
        })
  return { throttleTimeMs, producerId, producerEpoch }
}
