import * as schema from '../schema/schema.ts'
import { byTopic, errorFields, int16, int32, int64, recordBatches, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const produceSchemas = () => ({
  request: schema.object({
    transactionalId: schema.nullable(schema.string()),
    /** −1, 1 or 0. */
    acks: int16(),
    /** How long the leader may wait for the replicas. */
    timeoutMs: int32(),
    /**
     * Whether a topic that is not there is made, where the engine or cluster does that on first use. Left out means
     * yes. Kafka's Produce has no such field, as its brokers make topics when they are asked for metadata alone.
     */
    allowAutoTopicCreation: schema.optional(schema.boolean()),
    topics: byTopic({ records: recordBatches() }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      ...errorFields(),
      /** The offset given to the first record; −1 on an error and with `acks: 0`. */
      baseOffset: int64(),
      /** When the topic stamps records itself, that time; otherwise −1. */
      logAppendTimeMs: int64(),
      logStartOffset: int64(),
    }),
  }),
})

/**
 * Produce (API key 0): appends one record batch to each of the partitions named. Answers when the batches are as safe
 * as `acks` asks for: −1 all in-sync replicas, 1 the leader, 0 not at all.
 */
export const produce = /* @__PURE__ */ defineOperation<ProduceRequest, ProduceResponse>({
  apiKey: 0,
  name: 'produce',
  path: '/v1/produce',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
  records: 'request',
  // A batch with a producer id is recognised when it comes a second time, but only its producer knows which batches may
  // come before it.
  resentBy: 'sender',
  repeatable: () => false,
})

export type ProduceRequest = RequestIn<typeof produceSchemas>
export type ProduceResponse = ResponseIn<typeof produceSchemas>
