import * as schema from '../schema/schema.ts'
import { int16, int32, int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const initProducerIdSchemas = () => ({
  request: schema.object({
    transactionalId: schema.nullable(schema.string()),
    transactionTimeoutMs: int32(),
    producerId: int64(),
    producerEpoch: int16(),
  }),
  response: schema.object({ throttleTimeMs: throttleTimeMs(), producerId: int64(), producerEpoch: schema.integer() }),
})

/**
 * InitProducerId (API key 22): the id and epoch for the numbers of a producer's batches. With them the server appends a
 * batch once, even if it arrives twice. `producerId` and `producerEpoch` are −1 in the first call.
 */
export const initProducerId = /* @__PURE__ */ defineOperation<InitProducerIdRequest, InitProducerIdResponse>({
  apiKey: 22,
  name: 'initProducerId',
  path: '/v1/producers/init',
})

export type InitProducerIdRequest = RequestIn<typeof initProducerIdSchemas>
export type InitProducerIdResponse = ResponseIn<typeof initProducerIdSchemas>
