import * as schema from '../schema/schema.ts'
import { byTopic, errorFields, int64, throttleTimeMs, topicPartitions } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const describeProducersSchemas = () => ({
  request: schema.object({ topics: topicPartitions() }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      activeProducers: schema.array(
        schema.object({
          producerId: int64(),
          producerEpoch: schema.integer(),
          /** −1 when it has written nothing in its epoch. */
          lastSequence: schema.integer(),
          lastTimestamp: int64(),
          coordinatorEpoch: schema.integer(),
          /** Where its open transaction begins; −1 when it has none. */
          currentTxnStartOffset: int64(),
        }),
      ),
    }),
  }),
  needs: [['read', 'topic', 'topics']] as const,
})

/**
 * DescribeProducers (API key 61): the producers that write to partitions, and those that hold up readers of committed
 * records.
 */
export const describeProducers = /* @__PURE__ */ defineOperation<DescribeProducersRequest, DescribeProducersResponse>({
  apiKey: 61,
  name: 'describeProducers',
  path: '/v1/admin/producers/describe',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: true },
})

export type DescribeProducersRequest = RequestIn<typeof describeProducersSchemas>
export type DescribeProducersResponse = ResponseIn<typeof describeProducersSchemas>
