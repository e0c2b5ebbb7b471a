import * as z from 'zod/mini'
import { errorCode, errorMessage, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** IncrementalAlterConfigs (API key 44): sets single settings of topics, or puts them back to their defaults. */
export const incrementalAlterConfigs = /* @__PURE__ */ defineOperation({
  apiKey: 44,
  name: 'incrementalAlterConfigs',
  path: '/v1/admin/incremental-alter-configs',
  request: /* @__PURE__ */ z.object({
    validateOnly: z.boolean(),
    resources: z.array(
      z.object({
        resourceType: z.literal('topic'),
        resourceName: z.string(),
        configs: z.array(
          z.object({ name: z.string(), configOperation: z.enum(['set', 'delete']), value: z.nullable(z.string()) }),
        ),
      }),
    ),
  }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    responses: z.array(
      z.object({
        errorCode: errorCode(),
        errorMessage: errorMessage(),
        resourceType: z.literal('topic'),
        resourceName: z.string(),
      }),
    ),
  }),
})

export type IncrementalAlterConfigsRequest = RequestOf<typeof incrementalAlterConfigs>
export type IncrementalAlterConfigsResponse = ResponseOf<typeof incrementalAlterConfigs>
