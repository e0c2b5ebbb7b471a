import { codeOf } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, type Field, int16, int32, int64, string, struct, type ValueOf } from '../codec/fields.ts'

const unsupportedVersion = codeOf('UNSUPPORTED_VERSION')
const finalizedFeature = struct({ name: string, maxVersionLevel: int16, minVersionLevel: int16 })

const whatItCanDo = struct(
  {
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: int32,
  },
  { finalizedFeaturesEpoch: [1, int64], finalizedFeatures: [2, array(finalizedFeature)] },
)

type ApiVersionsResponse = { errorCode: number } & ValueOf<typeof whatItCanDo>

/** A broker that does not know our version of ApiVersions says so in the form of version 0, so then nothing more is read. */
const response: Field<ApiVersionsResponse> = {
  write: (writer, value) => {
    int16.write(writer, value.errorCode)
    whatItCanDo.write(writer, value)
  },
  read: (reader) => {
    const errorCode = int16.read(reader)
    return errorCode === unsupportedVersion
      ? { errorCode, apiKeys: [], throttleTimeMs: 0 }
      : { errorCode, ...whatItCanDo.read(reader) }
  },
}

/**
 * ApiVersions (API key 18): which versions of which APIs a broker has, and the features that its cluster has agreed on. Asked on each
 * connection, because brokers of one cluster differ while it is upgraded.
 */
export const apiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  version: 3,
  request: struct({ clientSoftwareName: string, clientSoftwareVersion: string }),
  response,
  hasFlexibleResponseHeader: false,
})

export interface BrokerVersions {
  readonly apis: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>
  readonly features: ReadonlyMap<string, number>
}

export function versionsOf(answer: ApiVersionsResponse | undefined): BrokerVersions {
  return {
    apis: new Map(answer?.apiKeys.map(({ apiKey, ...versions }) => [apiKey, versions])),
    features: new Map(answer?.finalizedFeatures?.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])),
  }
}
