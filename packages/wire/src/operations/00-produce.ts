import { codeOf, produce } from '@kafkado/core'
import { producerIdOf } from '@kafkado/core/internal'
import { described, failed } from '@kafkado/core/internal/answers'
import { askLeaders } from '../cluster/ask-leaders.ts'
import * as messages from '@kafkado/messages'
import { bytesAfterBatch } from './batch-lengths.ts'
import { handles } from './handler.ts'

/**
 * Produce (API key 0) in the version that enrols partitions in transactions by itself (KIP-890), and still uses topic
 * names.
 */
export const produceApi = messages.produce.at(12)

const concurrentTransactions = codeOf('CONCURRENT_TRANSACTIONS')
const nowhere = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }

/**
 * Appends each batch at its partition's leader. The producer retries temporary refusals, because it alone knows the
 * order of its batches; this handler waits only for the end of the previous transaction.
 */
export const produceHandler = handles(produce, (cluster, request, call) => {
  const { transactionalId, acks, timeoutMs, allowAutoTopicCreation = true } = request
  const feature = transactionalId === null ? {} : { feature: ['transaction.version', 2, 'transactions'] as const }
  return askLeaders(cluster, call, {
    topics: request.topics,
    create: allowAutoTopicCreation && !request.topics.some(({ topicId }) => topicId),
    isWorthAsking: (errorCode) => errorCode === concurrentTransactions,
    refuse: ({ partition }, error) => ({ partition, ...error, ...nowhere }),
    check: ({ records }) => {
      const rest = bytesAfterBatch(records)
      return rest === 0
        ? undefined
        : failed(
            'INVALID_RECORD',
            `a partition takes one record batch a request; after the first come ${rest} bytes more`,
          )
    },
    ask: async (nodeId, topics) => {
      const own = {
        transactionalId,
        acks,
        timeoutMs,
        topics: topics.map(({ topic, partitions }) => ({ topic, partitions: [...partitions] })),
      }
      const orderKey = orderKeyOf(topics)
      if (acks === 0) {
        await cluster.ask(nodeId, produceApi, own, call, { lane: 'produce', orderKey, answered: false })
        return { throttleTimeMs: 0, topics: unacknowledged(topics) }
      }
      const response = await cluster.ask(nodeId, produceApi, own, call, { lane: 'produce', orderKey, ...feature })
      return {
        throttleTimeMs: response.throttleTimeMs,
        topics: response.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ recordErrors, errorMessage, errorCode, ...answer }) => ({
            partition: answer.partition,
            baseOffset: answer.baseOffset,
            logAppendTimeMs: answer.logAppendTimeMs,
            logStartOffset: answer.logStartOffset,
            ...described(errorCode, errorMessage ?? recordErrors[0]?.message),
          })),
        })),
      }
    },
  })
})
type Topics = Parameters<Parameters<typeof askLeaders<{ partition: number; records: Uint8Array }, never>>[2]['ask']>[1]

/**
 * Batches whose order matters use the same connection, as one could overtake the other over two: those of a producer,
 * or of a topic.
 */
function orderKeyOf(topics: Topics): number | string | undefined {
  const records = topics[0]?.partitions[0]?.records
  const producerId = records === undefined ? -1 : producerIdOf(records)
  return producerId < 0 ? topics[0]?.topic : producerId
}

function unacknowledged(topics: Topics) {
  return topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, ...described(0), ...nowhere })),
  }))
}
