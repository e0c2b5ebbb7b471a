import * as schema from '../schema/schema.ts'
import { byTopic, errorFields, int32, int64, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const deleteRecordsSchemas = () => ({
  request: schema.object({
    timeoutMs: int32(),
    topics: byTopic({ offset: int64() }),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    topics: byTopic({
      /** The new start of the log; −1 on an error. */
      lowWatermark: int64(),
      ...errorFields(),
    }),
  }),
  needs: [['delete', 'topic', 'topics']] as const,
})

/** DeleteRecords (API key 21): moves the start of each log up to an offset; −1 means its high watermark. */
export const deleteRecords = /* @__PURE__ */ defineOperation<DeleteRecordsRequest, DeleteRecordsResponse>({
  apiKey: 21,
  name: 'deleteRecords',
  path: '/v1/admin/delete-records',
  elements: { asked: 'topics', answered: 'topics', isReadOnly: false },
})

export type DeleteRecordsRequest = RequestIn<typeof deleteRecordsSchemas>
export type DeleteRecordsResponse = ResponseIn<typeof deleteRecordsSchemas>
