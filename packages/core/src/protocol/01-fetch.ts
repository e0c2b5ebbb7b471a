import * as schema from '../schema/schema.ts'
import { byIdentifiedTopic, byTopic, errorFields, int32, int64, recordBatches, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const fetchSchemas = () => ({
  request: schema.object({
    maxWaitMs: int32(),
    minBytes: int32(),
    /** A soft limit for the answer: a larger first batch is still sent. */
    maxBytes: int32(),
    isolationLevel: schema.choice('read_uncommitted', 'read_committed'),
    topics: byIdentifiedTopic({ fetchOffset: int64(), partitionMaxBytes: int32() }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      /** The offset after the last record that all in-sync replicas have. */
      highWatermark: int64(),
      /** Every transaction before this offset is decided; readers of committed records stop here. */
      lastStableOffset: int64(),
      logStartOffset: int64(),
      /** Aborted transactions that overlap the batches; null with read_uncommitted. */
      abortedTransactions: schema.nullable(schema.array(schema.object({ producerId: int64(), firstOffset: int64() }))),
      records: recordBatches(),
    }),
  }),
  needs: [['read', 'topic', 'topics']] as const,
})

/**
 * Fetch (API key 1): whole record batches from the given offsets. Waits up to `maxWaitMs` for `minBytes`. Batches are
 * never cut, so the first one may begin before the requested offset.
 */
export const fetch = /* @__PURE__ */ defineOperation<FetchRequest, FetchResponse>({
  apiKey: 1,
  name: 'fetch',
  path: '/v1/fetch',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: true, mostBytesEach: 1024 },
  records: 'response',
  longPollMs: ({ maxWaitMs }) => maxWaitMs,
})

export type FetchRequest = RequestIn<typeof fetchSchemas>
export type FetchResponse = ResponseIn<typeof fetchSchemas>
export type FetchedPartition = FetchResponse['topics'][number]['partitions'][number]
export type AbortedTransaction = NonNullable<FetchedPartition['abortedTransactions']>[number]
