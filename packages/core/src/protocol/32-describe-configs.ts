import * as z from 'zod/mini'
import { errorFields, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const describeConfigsSchemas = () => ({
  request: z.object({
    resources: z.array(
      z.object({
        resourceType: z.literal('topic'),
        resourceName: z.string(),
        configurationKeys: z.nullable(z.array(z.string())),
      }),
    ),
  }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    results: z.array(
      z.object({
        ...errorFields(),
        resourceType: z.literal('topic'),
        resourceName: z.string(),
        configs: z.array(
          z.object({ name: z.string(), value: z.nullable(z.string()), isDefault: z.boolean(), readOnly: z.boolean() }),
        ),
      }),
    ),
  }),
  needs: [['describeConfigs', 'topic', 'resources']] as const,
})

/** DescribeConfigs (API key 32): the settings of topics, with those that are defaults marked; null keys mean all. */
export const describeConfigs = /* @__PURE__ */ defineOperation<DescribeConfigsRequest, DescribeConfigsResponse>({
  apiKey: 32,
  name: 'describeConfigs',
  path: '/v1/admin/describe-configs',
  elements: { asked: 'resources', answered: 'results', isReadOnly: true },
})

export type DescribeConfigsRequest = RequestIn<typeof describeConfigsSchemas>
export type DescribeConfigsResponse = ResponseIn<typeof describeConfigsSchemas>
