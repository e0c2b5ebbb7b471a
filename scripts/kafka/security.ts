import type { Certificates } from './certificates.ts'

/** The listeners beside PLAINTEXT; their names are those of Kafka's security protocols. */
export const secureListeners = ['SASL_PLAINTEXT', 'SASL_SSL', 'SSL'] as const
export type SecureListener = (typeof secureListeners)[number]

export interface User {
  readonly username: string
  readonly password: string
}

/** Whom PLAIN and both SCRAM mechanisms know. */
export const users: readonly User[] = [
  { username: 'alice', password: 'alice-secret' },
  { username: 'bob', password: 'bob-secret' },
]

const modules = {
  PLAIN:
    'plain.PlainLoginModule required ' +
    `${users.map(({ username, password }) => `user_${username}="${password}"`).join(' ')};`,
  'SCRAM-SHA-256': 'scram.ScramLoginModule required;',
  'SCRAM-SHA-512': 'scram.ScramLoginModule required;',
  // Kafka takes unsecured tokens (RFC 7515, appendix A.5) where nothing else is said.
  OAUTHBEARER: 'oauthbearer.OAuthBearerLoginModule required;',
}

/** The settings of a broker for the listeners above. */
export function securityProperties({ brokerFile, caFile }: Certificates): Record<string, string> {
  const properties: Record<string, string> = {
    'sasl.enabled.mechanisms': Object.keys(modules).join(','),
    // Short, so that clients which stay connected for a while have to authenticate again.
    'connections.max.reauth.ms': '10000',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': brokerFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    // A client may come without a certificate, but not with a wrong one.
    'listener.name.ssl.ssl.client.auth': 'requested',
  }
  for (const listener of ['sasl_plaintext', 'sasl_ssl']) {
    for (const [mechanism, module] of Object.entries(modules)) {
      const name = `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`
      properties[name] = `org.apache.kafka.common.security.${module}`
    }
  }
  return properties
}

/**
 * The words of StorageTool's `format` which make the users of SCRAM. They are harmless where no listener wants them.
 */
export function scramArguments(): string[] {
  return users.flatMap(({ username, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  )
}
