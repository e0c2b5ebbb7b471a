import { codeOf, offsetForLeaderEpoch } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** If the client's epoch differs from the leader's, that is the answer, and no reason to retry. */
const epochAnswers = new Set([codeOf('FENCED_LEADER_EPOCH'), codeOf('UNKNOWN_LEADER_EPOCH')])

/** OffsetForLeaderEpoch (API key 23). */
export const offsetForLeaderEpochApi = messages.offsetForLeaderEpoch.at(4)

const consumerReplicaId = -1

export const offsetForLeaderEpochHandler = handles(offsetForLeaderEpoch, (cluster, { topics: asked }, call) =>
  askLeaders(cluster, call, {
    topics: asked,
    isWorthAsking: (errorCode) => untilSettled(errorCode) && !epochAnswers.has(errorCode),
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
  }),
)
