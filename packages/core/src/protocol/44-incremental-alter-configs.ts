import * as z from 'zod/mini'
import { errorFields, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const incrementalAlterConfigsSchemas = () => ({
  request: z.object({
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
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    responses: z.array(
      z.object({
        ...errorFields(),
        resourceType: z.literal('topic'),
        resourceName: z.string(),
      }),
    ),
  }),
  needs: [['alterConfigs', 'topic', 'resources']] as const,
})

/** IncrementalAlterConfigs (API key 44): sets single settings of topics, or puts them back to their defaults. */
export const incrementalAlterConfigs = /* @__PURE__ */ defineOperation<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
>({
  apiKey: 44,
  name: 'incrementalAlterConfigs',
  path: '/v1/admin/incremental-alter-configs',
  elements: { asked: 'resources', answered: 'responses', isReadOnly: false },
})

export type IncrementalAlterConfigsRequest = RequestIn<typeof incrementalAlterConfigsSchemas>
export type IncrementalAlterConfigsResponse = ResponseIn<typeof incrementalAlterConfigsSchemas>
