import * as messages from '@kafkado/messages'

/**
 * ApiVersions (API key 18): which versions of which APIs a broker has, and the features that its cluster has agreed on.
 * Asked on each connection, because brokers of one cluster differ while it is upgraded.
 */
export const apiVersionsApi = messages.apiVersions.at(3)

export interface BrokerVersions {
  readonly apis: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>
  readonly features: ReadonlyMap<string, number>
}

export const nothingKnown: BrokerVersions = { apis: new Map(), features: new Map() }

export function versionsOf(answer: ReturnType<typeof apiVersionsApi.response.read>): BrokerVersions {
  return {
    apis: new Map(answer.apiKeys.map(({ apiKey, ...versions }) => [apiKey, versions])),
    features: new Map(answer.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])),
  }
}
