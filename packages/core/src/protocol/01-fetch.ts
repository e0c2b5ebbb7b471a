import * as z from 'zod/mini'
import { errorCode, errorMessage, int64, partitionIndex, recordBatches, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/**
 * Fetch (API key 1): whole record batches from given offsets. Waits up to `maxWaitMs` until `minBytes` are there. The
 * first batch of an answer may begin before the offset asked for, because batches are never cut.
 */
export const fetch = /* @__PURE__ */ defineOperation({
  apiKey: 1,
  name: 'fetch',
  path: '/v1/fetch',
  records: 'response',
  request: /* @__PURE__ */ z.object({
    maxWaitMs: z.int().check(z.minimum(0)),
    minBytes: z.int().check(z.minimum(0)),
    /** A soft limit on the answer: the first batch found is sent even when it is larger. */
    maxBytes: z.int().check(z.minimum(0)),
    isolationLevel: z.enum(['read_uncommitted', 'read_committed']),
    topics: z.array(
      z.object({
        topic: topicName(),
        partitions: z.array(
          z.object({ partition: partitionIndex(), fetchOffset: int64(), partitionMaxBytes: z.int().check(z.minimum(0)) }),
        ),
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
            /** The offset after the last record that all replicas have. */
            highWatermark: int64(),
            /** The offset before which every transaction is decided; readers of committed records stop here. */
            lastStableOffset: int64(),
            logStartOffset: int64(),
            /** Aborted transactions that reach into the batches; null at read_uncommitted. */
            abortedTransactions: z.nullable(z.array(z.object({ producerId: int64(), firstOffset: int64() }))),
            records: recordBatches(),
          }),
        ),
      }),
    ),
  }),
  longPollMs: ({ maxWaitMs }) => maxWaitMs,
})

export type FetchRequest = RequestOf<typeof fetch>
export type FetchResponse = ResponseOf<typeof fetch>
export type FetchedPartition = FetchResponse['topics'][number]['partitions'][number]
export type AbortedTransaction = NonNullable<FetchedPartition['abortedTransactions']>[number]
