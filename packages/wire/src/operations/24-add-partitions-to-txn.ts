import { addPartitionsToTxn } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'
import { partitionResults } from './partition-results.ts'

/** AddPartitionsToTxn (API key 24) in the last version for clients; later versions are for brokers. */
export const addPartitionsToTxnApi = messages.addPartitionsToTxn.at(3)

export const addPartitionsToTxnHandler = handles(addPartitionsToTxn, (cluster, request, call) =>
  cluster.coordinated('transaction', request.transactionalId, call, async (nodeId) => {
    const options = { lane: 'coordinators', orderKey: request.transactionalId } as const
    const { throttleTimeMs, topics } = await cluster.ask(nodeId, addPartitionsToTxnApi, request, call, options)
    return { throttleTimeMs, topics: partitionResults(request.topics, topics) }
  }),
)
