import * as messages from '@kafkado/messages'

/**
 * ApiVersions (API key 18): the broker's APIs and their versions, and the features that its cluster has enabled. Every
 * connection asks, because the brokers of a cluster differ during an upgrade.
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
