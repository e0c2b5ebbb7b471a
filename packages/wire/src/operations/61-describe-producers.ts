import { describeProducers } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** DescribeProducers (API key 61). */
export const describeProducersApi = messages.describeProducers.at(0)

export const describeProducersHandler = handles(describeProducers, (cluster, { topics: asked }, call) =>
  askLeaders(cluster, call, {
    topics: asked.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => ({ partition })),
    })),
    isWorthAsking: untilSettled,
    refuse: ({ partition }, error) => ({ partition, ...error, activeProducers: [] }),
    ask: async (nodeId, topics) => {
      const request = {
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition }) => partition),
        })),
      }
      const response = await cluster.ask(nodeId, describeProducersApi, request, call)
      return {
        throttleTimeMs: response.throttleTimeMs,
        topics: response.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, errorCode, errorMessage, activeProducers }) => ({
            partition,
            ...described(errorCode, errorMessage),
            activeProducers,
          })),
        })),
      }
    },
  }),
)
