import type { describeProducers } from '@kafkado/core'
import { askLeaders, untilSettled } from '../cluster/ask-leaders.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, nullableString, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import type { WireHandler } from './handler.ts'

/** DescribeProducers (API key 61). */
export const describeProducersApi = defineApi({
  key: 61,
  name: 'DescribeProducers',
  version: 0,
  request: struct({ topics: array(struct({ topic: string, partitions: array(int32) })) }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            errorMessage: nullableString,
            activeProducers: array(
              struct({
                producerId: int64,
                producerEpoch: int32,
                lastSequence: int32,
                lastTimestamp: int64,
                coordinatorEpoch: int32,
                currentTxnStartOffset: int64,
              }),
            ),
          }),
        ),
      }),
    ),
  }),
})

export const sendDescribeProducers: WireHandler<typeof describeProducers> = (cluster, { topics: asked }, call) =>
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
  })
