import * as schema from '../schema/schema.ts'
import {
  byIdentifiedTopic,
  byTopic,
  errorFields,
  int16,
  int32,
  int64,
  recordBatches,
  throttleTimeMs,
} from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const produceSchemas = () => ({
  request: schema.object({
    transactionalId: schema.nullable(schema.string()),
    /** −1, 1 or 0. */
    acks: int16(),
    /** How long the leader may wait for the replicas. */
    timeoutMs: int32(),
    /**
     * Whether to create a missing topic, if the engine or cluster creates topics on first use. Default true. A topic
     * whose id is said is never created. Kafka's Produce has no such field: its brokers create topics only for metadata
     * requests.
     */
    allowAutoTopicCreation: schema.optional(schema.boolean()),
    topics: byIdentifiedTopic({ records: recordBatches() }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      /** The offset of the first record; −1 on an error and with `acks: 0`. */
      baseOffset: int64(),
      /** The append time, if the topic stamps records itself; otherwise −1. */
      logAppendTimeMs: int64(),
      logStartOffset: int64(),
    }),
  }),
})

/**
 * Produce (API key 0): appends one record batch to each named partition. Answers when the batches are as safe as `acks`
 * asks: −1 all in-sync replicas, 1 the leader, 0 at once.
 */
export const produce = /* @__PURE__ */ defineOperation<ProduceRequest, ProduceResponse>({
  apiKey: 0,
  name: 'produce',
  path: '/v1/produce',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
  records: 'request',
  // The server recognises a repeated batch by its producer id, but only the producer knows which batches may come
  // before it.
  resentBy: 'sender',
  repeatable: () => false,
})

export type ProduceRequest = RequestIn<typeof produceSchemas>
export type ProduceResponse = ResponseIn<typeof produceSchemas>
