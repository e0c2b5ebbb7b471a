import * as z from 'zod/mini'
import { int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/**
 * InitProducerId (API key 22): the id and epoch under which a producer numbers its batches, so that a batch which
 * arrives twice is appended once. `producerId` and `producerEpoch` are −1 at the first call.
 */
export const initProducerId = /* @__PURE__ */ defineOperation({
  apiKey: 22,
  name: 'initProducerId',
  path: '/v1/producers/init',
  request: /* @__PURE__ */ z.object({
    transactionalId: z.nullable(z.string()),
    transactionTimeoutMs: z.int(),
    producerId: int64(),
    producerEpoch: z.int(),
  }),
  response: /* @__PURE__ */ z.object({ throttleTimeMs: throttleTimeMs(), producerId: int64(), producerEpoch: z.int() }),
})

export type InitProducerIdRequest = RequestOf<typeof initProducerId>
export type InitProducerIdResponse = ResponseOf<typeof initProducerId>
