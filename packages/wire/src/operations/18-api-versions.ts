import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int64, string, struct, type ValueOf } from '../codec/fields.ts'

const finalizedFeature = struct({ name: string, maxVersionLevel: int16, minVersionLevel: int16 })

/**
 * ApiVersions (API key 18): which versions of which APIs a broker has, and the features that its cluster has agreed on. Asked on each
 * connection, because brokers of one cluster differ while it is upgraded.
 */
export const apiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  version: 3,
  request: struct({ clientSoftwareName: string, clientSoftwareVersion: string }),
  response: struct(
    {
      errorCode: int16,
      apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
      throttleTimeMs: int32,
    },
    { finalizedFeaturesEpoch: [1, int64], finalizedFeatures: [2, array(finalizedFeature)] },
  ),
  hasFlexibleResponseHeader: false,
})

export interface BrokerVersions {
  readonly apis: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>
  readonly features: ReadonlyMap<string, number>
}

export function versionsOf(response: ValueOf<typeof apiVersions.response> | undefined): BrokerVersions {
  return {
    apis: new Map(response?.apiKeys.map(({ apiKey, ...versions }) => [apiKey, versions])),
    features: new Map(response?.finalizedFeatures?.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])),
  }
}
