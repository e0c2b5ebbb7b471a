import type { offsetForLeaderEpoch } from '@kafkado/core'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** OffsetForLeaderEpoch (API key 23). */
export const offsetForLeaderEpochApi = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  version: 4,
  request: struct({
    replicaId: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, currentLeaderEpoch: int32, leaderEpoch: int32 })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ errorCode: int16, partition: int32, leaderEpoch: int32, endOffset: int64 })),
      }),
    ),
  }),
})

const consumerReplicaId = -1

export const sendOffsetForLeaderEpoch: WireHandler<typeof offsetForLeaderEpoch> = (cluster, { topics: asked }, call) =>
  askLeaders(cluster, call, {
    topics: asked,
    // An epoch that the client gave and the leader does not share is the answer, not something that passes.
    isWorthAsking: (errorCode) => untilSettled(errorCode) && errorCode !== 74 && errorCode !== 75,
    refuse: ({ partition }, error) => ({ partition, ...error, leaderEpoch: -1, endOffset: -1 }),
    ask: async (nodeId, topics) => {
      const request = {
        replicaId: consumerReplicaId,
        topics: topics.map(({ topic, partitions }) => ({ topic, partitions: [...partitions] })),
      }
      const response = await cluster.ask(nodeId, offsetForLeaderEpochApi, request, call)
      return {
        throttleTimeMs: response.throttleTimeMs,
        topics: response.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ errorCode, ...found }) => ({ ...found, ...described(errorCode) })),
        })),
      }
    },
  })
