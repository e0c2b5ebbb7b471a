import * as z from 'zod/mini'
import { errorCode, errorMessage, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** DescribeConfigs (API key 32): the settings of topics, with those that are defaults marked; null keys mean all. */
export const describeConfigs = /* @__PURE__ */ defineOperation({
  apiKey: 32,
  name: 'describeConfigs',
  path: '/v1/admin/describe-configs',
  request: /* @__PURE__ */ z.object({
    resources: z.array(
      z.object({ resourceType: z.literal('topic'), resourceName: z.string(), configurationKeys: z.nullable(z.array(z.string())) }),
    ),
  }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    results: z.array(
      z.object({
        errorCode: errorCode(),
        errorMessage: errorMessage(),
        resourceType: z.literal('topic'),
        resourceName: z.string(),
        configs: z.array(
          z.object({ name: z.string(), value: z.nullable(z.string()), isDefault: z.boolean(), readOnly: z.boolean() }),
        ),
      }),
    ),
  }),
})

export type DescribeConfigsRequest = RequestOf<typeof describeConfigs>
export type DescribeConfigsResponse = ResponseOf<typeof describeConfigs>
