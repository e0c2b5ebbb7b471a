import * as schema from '../schema/schema.ts'
import { byIdentifiedTopic, byTopic, errorFields, int32, int64, recordBatches, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const fetchSchemas = () => ({
  request: schema.object({
    maxWaitMs: int32(),
    minBytes: int32(),
    /** A soft limit on the answer: the first batch found is sent even when it is larger. */
    maxBytes: int32(),
    isolationLevel: schema.choice('read_uncommitted', 'read_committed'),
    topics: byIdentifiedTopic({ fetchOffset: int64(), partitionMaxBytes: int32() }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      /** The offset after the last record that all replicas have. */
      highWatermark: int64(),
      /** The offset before which every transaction is decided; readers of committed records stop here. */
      lastStableOffset: int64(),
      logStartOffset: int64(),
      /** Aborted transactions that reach into the batches; null at read_uncommitted. */
      abortedTransactions: schema.nullable(schema.array(schema.object({ producerId: int64(), firstOffset: int64() }))),
      records: recordBatches(),
    }),
  }),
  needs: [['read', 'topic', 'topics']] as const,
})

/**
 * Fetch (API key 1): whole record batches from given offsets. Waits up to `maxWaitMs` until `minBytes` are there. The
 * first batch of an answer may begin before the offset asked for, because batches are never cut.
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
