import type { deleteRecords } from '@kafkado/core'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** DeleteRecords (API key 21). */
export const deleteRecordsApi = defineApi({
  key: 21,
  name: 'DeleteRecords',
  version: 2,
  request: struct({
    topics: array(struct({ topic: string, partitions: array(struct({ partition: int32, offset: int64 })) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
})

export const sendDeleteRecords: WireHandler<typeof deleteRecords> = (cluster, { timeoutMs, topics: asked }, call) =>
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
  })
