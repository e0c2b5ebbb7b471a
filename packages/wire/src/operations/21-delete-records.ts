import { deleteRecords } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** DeleteRecords (API key 21). */
export const deleteRecordsApi = messages.deleteRecords.at(2)

export const deleteRecordsHandler = handles(deleteRecords, (cluster, { timeoutMs, topics: asked }, call) =>
  askLeaders(cluster, call, {
    topics: asked,
    isWorthAsking: untilSettled,
    refuse: ({ partition }, error) => ({ partition, ...error, lowWatermark: -1 }),
    ask: async (nodeId, topics) => {
      const request = {
        timeoutMs,
        topics: topics.map(({ topic, partitions }) => ({ topic, partitions: [...partitions] })),
      }
      const response = await cluster.ask(nodeId, deleteRecordsApi, request, call)
      return {
        throttleTimeMs: response.throttleTimeMs,
        topics: response.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, lowWatermark, errorCode }) => ({
            partition,
            lowWatermark,
            ...described(errorCode),
          })),
        })),
      }
    },
  }),
)
