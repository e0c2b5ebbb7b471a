import type { listOffsets } from '@kafkado/core'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, int8, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'
import { isolationLevels } from './isolation.ts'

/** ListOffsets (API key 2) in the version that finds the greatest timestamp (KIP-734). */
const listOffsetsApi = defineApi({
  key: 2,
  name: 'ListOffsets',
  version: 7,
  request: struct({
    replicaId: int32,
    isolationLevel: int8,
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, currentLeaderEpoch: int32, timestamp: int64 })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({ partition: int32, errorCode: int16, timestamp: int64, offset: int64, leaderEpoch: int32 }),
        ),
      }),
    ),
  }),
})

export const sendListOffsets: WireHandler<typeof listOffsets> = (cluster, { isolationLevel, topics: asked }, call) =>
  askLeaders(cluster, call, {
    topics: asked,
    isWorthAsking: untilSettled,
    refuse: ({ partition }, error) => ({ partition, ...error, timestamp: -1, offset: -1 }),
    ask: async (nodeId, topics) => {
      const request = {
        replicaId: -1,
        isolationLevel: isolationLevels[isolationLevel],
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((partition) => ({ ...partition, currentLeaderEpoch: -1 })),
        })),
      }
      const response = await cluster.ask(nodeId, listOffsetsApi, request, call)
      return {
        throttleTimeMs: response.throttleTimeMs,
        topics: response.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, errorCode, timestamp, offset }) => ({
            partition,
            ...described(errorCode),
            timestamp,
            offset,
          })),
        })),
      }
    },
  })
