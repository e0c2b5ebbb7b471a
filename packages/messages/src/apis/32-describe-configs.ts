import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int8, nullable, string, struct } from '../fields/fields.ts'

/** DescribeConfigs (API key 32). */
export const describeConfigs = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexibleSince: 4,
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configurationKeys: nullable(array(string)),
      }),
    ),
    includeSynonyms: field(boolean, { default: false }),
    includeDocumentation: field(boolean, { since: 3, default: false }),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullable(string),
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: nullable(string),
            readOnly: boolean,
            configSource: field(int8, { default: -1 }),
            isSensitive: boolean,
            synonyms: array(
              struct({
                name: string,
                value: nullable(string),
                source: int8,
              }),
            ),
            configType: field(int8, { since: 3, default: 0, ignorable: true }),
            documentation: field(nullable(string), { since: 3, ignorable: true }),
          }),
        ),
      }),
    ),
  }),
})
