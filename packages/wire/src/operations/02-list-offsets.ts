import { listOffsets } from '@kafkado/core'
import { described, type ErrorFields } from '@kafkado/core/internal/answers'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import { listOffsetsApi } from '../cluster/list-offsets-api.ts'
import { wrongIdsAt } from '../cluster/topic-identity.ts'
import { handles } from './handler.ts'
import { isolationLevels } from './isolation.ts'

/**
 * ListOffsets (API key 2). Its form is in cluster/list-offsets-api.ts, because it also tells whether a leader is ready.
 */
export const listOffsetsHandler = handles(listOffsets, (cluster, { isolationLevel, topics: asked }, call) =>
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
      // Check the ids after the answer: the topic may have been recreated before the leader looked. A leader learns of
      // that before its logs change.
      const meant = asked.filter(({ topic }) => topics.some((led) => led.topic === topic))
      const wrong = await wrongIdsAt(cluster, nodeId, meant, call)
      return {
        throttleTimeMs: response.throttleTimeMs,
        topics: response.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, errorCode, timestamp, offset }) => ({
            partition,
            ...(wrong.get(topic)
              ? { ...(wrong.get(topic) as ErrorFields), timestamp: -1, offset: -1 }
              : { ...described(errorCode), timestamp, offset }),
          })),
        })),
      }
    },
  }),
)
