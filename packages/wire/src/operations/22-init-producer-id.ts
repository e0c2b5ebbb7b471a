import { initProducerId } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** InitProducerId (API key 22). Without a transactional id, any broker gives out ids. */
export const initProducerIdApi = messages.initProducerId.at(5)

export const initProducerIdHandler = handles(initProducerId, async (cluster, request, call) => {
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
})
