import type { addPartitionsToTxn } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'
import { partitionErrors, partitionResults } from './partition-results.ts'

/** AddPartitionsToTxn (API key 24) as clients have it; later versions are for brokers. */
export const addPartitionsToTxnApi = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  version: 3,
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(struct({ topic: string, partitions: array(int32) })),
  }),
  response: struct({ throttleTimeMs: int32, topics: partitionErrors }),
})

export const sendAddPartitionsToTxn: WireHandler<typeof addPartitionsToTxn> = (cluster, request, call) =>
  cluster.coordinated('transaction', request.transactionalId, call, async (nodeId) => {
    const options = { lane: 'coordinators', orderKey: request.transactionalId } as const
    const { throttleTimeMs, topics } = await cluster.ask(nodeId, addPartitionsToTxnApi, request, call, options)
    return { throttleTimeMs, topics: partitionResults(request.topics, topics) }
  })
