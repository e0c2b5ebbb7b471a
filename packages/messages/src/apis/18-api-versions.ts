import { codeOf } from '@kafkado/core'
import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int64, string, struct } from '../fields/fields.ts'

const unsupportedVersion = codeOf('UNSUPPORTED_VERSION')

/** ApiVersions (API key 18): which versions of which APIs a broker has, and the features that its cluster has agreed on. */
export const apiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleSince: 3,
  hasPlainResponseHeader: true,
  responseVersion: (version, content) => (isRefusal(content) ? 0 : version),
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

/** A broker that does not know the version asked for says so in version 0, with the versions that it has. */
function isRefusal(content: Uint8Array): boolean {
  return content.length >= 2 && (((content[0] as number) << 8) | (content[1] as number)) === unsupportedVersion
}
