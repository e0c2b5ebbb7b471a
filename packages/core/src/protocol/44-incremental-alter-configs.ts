import * as schema from '../schema/schema.ts'
import { errorFields, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const incrementalAlterConfigsSchemas = () => ({
  request: schema.object({
    validateOnly: schema.boolean(),
    resources: schema.array(
      schema.object({
        resourceType: schema.choice('topic'),
        resourceName: schema.string(),
        configs: schema.array(
          schema.object({
            name: schema.string(),
            configOperation: schema.choice('set', 'delete'),
            value: schema.nullable(schema.string()),
          }),
        ),
      }),
    ),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    responses: schema.array(
      schema.object({
        ...errorFields(),
        resourceType: schema.choice('topic'),
        resourceName: schema.string(),
      }),
    ),
  }),
  needs: [['alterConfigs', 'topic', 'resources']] as const,
})

/** IncrementalAlterConfigs (API key 44): changes single settings of topics, or resets them to their defaults. */
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
