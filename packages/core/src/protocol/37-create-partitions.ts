import * as schema from '../schema/schema.ts'
import { errorFields, int32, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const createPartitionsSchemas = () => ({
  request: schema.object({
    timeoutMs: int32(),
    validateOnly: schema.boolean(),
    topics: schema.array(schema.object({ topic: topicName(), count: int32() })),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    results: schema.array(schema.object({ topic: topicName(), ...errorFields() })),
  }),
  needs: [['alter', 'topic', 'topics']] as const,
})

/** CreatePartitions (API key 37): raises the number of partitions of topics to `count`; nothing can lower it. */
export const createPartitions = /* @__PURE__ */ defineOperation<CreatePartitionsRequest, CreatePartitionsResponse>({
  apiKey: 37,
  name: 'createPartitions',
  path: '/v1/admin/create-partitions',
  elements: { asked: 'topics', answered: 'results', isReadOnly: false },
  repeatable: () => false,
})

export type CreatePartitionsRequest = RequestIn<typeof createPartitionsSchemas>
export type CreatePartitionsResponse = ResponseIn<typeof createPartitionsSchemas>
