import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int64, string, struct } from '../fields/fields.ts'

/** ApiVersions (API key 18): the broker's APIs and their versions, and the features of its cluster. */
export const apiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleSince: 3,
  hasPlainResponseHeader: true,
  refusalVersion: 0,
  request: struct({
    clientSoftwareName: field(string, { since: 3, ignorable: true }),
    clientSoftwareVersion: field(string, { since: 3, ignorable: true }),
  }),
  response: struct({
    errorCode: int16,
    apiKeys: array(
      struct({
        apiKey: int16,
        minVersion: int16,
        maxVersion: int16,
      }),
    ),
    throttleTimeMs: field(int32, { since: 1, ignorable: true }),
    supportedFeatures: field(
      array(
        struct({
          name: string,
          minVersion: int16,
          maxVersion: int16,
        }),
      ),
      { since: 3, tag: 0, ignorable: true },
    ),
    finalizedFeaturesEpoch: field(int64, { since: 3, tag: 1, default: -1, ignorable: true }),
    finalizedFeatures: field(
      array(
        struct({
          name: string,
          maxVersionLevel: int16,
          minVersionLevel: int16,
        }),
      ),
      { since: 3, tag: 2, ignorable: true },
    ),
    zkMigrationReady: field(boolean, { since: 3, tag: 3, default: false, ignorable: true }),
  }),
})
