import * as z from 'zod/mini'
import { errorCode, errorMessage, int64, partitionIndex, recordBatches, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'
import { producerIdOf } from '../record/record-batch-header.ts'

/**
 * Produce (API key 0): appends one record batch to each of the partitions named. Answers when the batches are as safe
 * as `acks` asks for: −1 all in-sync replicas, 1 the leader, 0 not at all.
 */
export const produce = /* @__PURE__ */ defineOperation({
  apiKey: 0,
  name: 'produce',
  path: '/v1/produce',
  records: 'request',
  request: /* @__PURE__ */ z.object({
    transactionalId: z.nullable(z.string()),
    acks: z.union([z.literal(-1), z.literal(0), z.literal(1)]),
    /** How long the leader may wait for the replicas. */
    timeoutMs: z.int(),
    topics: z.array(
      z.object({
        topic: topicName(),
        partitions: z.array(z.object({ partition: partitionIndex(), records: recordBatches() })),
      }),
    ),
  }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    topics: z.array(
      z.object({
        topic: topicName(),
        partitions: z.array(
          z.object({
            partition: partitionIndex(),
            errorCode: errorCode(),
            errorMessage: errorMessage(),
            /** The offset given to the first record; −1 on an error and with `acks: 0`. */
            baseOffset: int64(),
            /** When the topic stamps records itself, that time; otherwise −1. */
            logAppendTimeMs: int64(),
            logStartOffset: int64(),
          }),
        ),
      }),
    ),
  }),
  // A batch with a producer id is recognised by its sequence numbers when it comes a second time.
  repeatable: ({ topics }) => topics.every(({ partitions }) => partitions.every(({ records }) => producerIdOf(records) >= 0)),
})

export type ProduceRequest = RequestOf<typeof produce>
export type ProduceResponse = ResponseOf<typeof produce>
