import * as schema from '../schema/schema.ts'
import { errorFields, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const describeConfigsSchemas = () => ({
  request: schema.object({
    resources: schema.array(
      schema.object({
        resourceType: schema.choice('topic'),
        resourceName: schema.string(),
        configurationKeys: schema.nullable(schema.array(schema.string())),
      }),
    ),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    results: schema.array(
      schema.object({
        ...errorFields(),
        resourceType: schema.choice('topic'),
        resourceName: schema.string(),
        configs: schema.array(
          schema.object({
            name: schema.string(),
            value: schema.nullable(schema.string()),
            isDefault: schema.boolean(),
            readOnly: schema.boolean(),
          }),
        ),
      }),
    ),
  }),
  needs: [['describeConfigs', 'topic', 'resources']] as const,
})

/**
 * DescribeConfigs (API key 32): the settings of topics, with defaults marked as such; null or an empty list of keys
 * means all.
 */
export const describeConfigs = /* @__PURE__ */ defineOperation<DescribeConfigsRequest, DescribeConfigsResponse>({
  apiKey: 32,
  name: 'describeConfigs',
  path: '/v1/admin/describe-configs',
  elements: { asked: 'resources', answered: 'results', isReadOnly: true },
})

export type DescribeConfigsRequest = RequestIn<typeof describeConfigsSchemas>
export type DescribeConfigsResponse = ResponseIn<typeof describeConfigsSchemas>
