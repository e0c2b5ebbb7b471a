import * as z from 'zod/mini'
import { errorCode, errorFields, partitionIndex, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const metadataSchemas = () => ({
  request: z.object({
    topics: z.nullable(z.array(topicName())),
    allowAutoTopicCreation: z.boolean(),
  }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    clusterId: z.nullable(z.string()),
    controllerId: z.int(),
    brokers: z.array(z.object({ nodeId: z.int(), host: z.string(), port: z.int(), rack: z.nullable(z.string()) })),
    topics: z.array(
      z.object({
        ...errorFields(),
        topic: z.string(),
        /** A UUID that a topic of the same name made later does not share; null on an error. */
        topicId: z.nullable(z.string()),
        isInternal: z.boolean(),
        partitions: z.array(
          z.object({ errorCode: errorCode(), partition: partitionIndex(), leaderId: z.int(), leaderEpoch: z.int() }),
        ),
      }),
    ),
  }),
})

/**
 * Metadata (API key 3): the brokers, and the partitions of the topics named; of all topics when `topics` is null. With
 * `allowAutoTopicCreation` a topic that is not there is made, where the server permits it.
 */
export const metadata = /* @__PURE__ */ defineOperation<MetadataRequest, MetadataResponse>({
  apiKey: 3,
  name: 'metadata',
  path: '/v1/metadata',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type MetadataRequest = RequestIn<typeof metadataSchemas>
export type MetadataResponse = ResponseIn<typeof metadataSchemas>
