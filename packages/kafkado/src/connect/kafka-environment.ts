import { readFile } from 'node:fs/promises'
import { unreadableFile } from '@kafkado/core/internal/node'
import { type SaslOptions, wire, type WireOptions, type WireTransport } from '@kafkado/wire'

/**
 * Opens a cluster of Apache Kafka. The environment completes the options:
 *
 * - `KAFKA_DO_TLS=true`: TLS; `KAFKA_DO_CA_FILE`: the certificates to trust instead of Node's own; this switches TLS on
 * - `KAFKA_DO_SASL_MECHANISM`: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER
 * - `KAFKA_DO_SASL_USERNAME` and `KAFKA_DO_SASL_PASSWORD`, or `KAFKA_DO_SASL_TOKEN`
 *
 * This keeps secrets out of URLs and command lines.
 *
 * @throws InvalidRequestError when an option or a variable is not valid
 */
export async function openCluster(options: WireOptions): Promise<WireTransport> {
  const tls = options.tls ?? (await tlsOfEnvironment())
  const sasl = options.sasl ?? saslOfEnvironment()
  return wire({ ...options, tls, sasl })
}

async function tlsOfEnvironment(): Promise<WireOptions['tls']> {
  const file = variable('CA_FILE')
  if (file === undefined) return variable('TLS') === 'true'
  const ca = await readFile(file).catch((cause: unknown) => {
    throw unreadableFile(`KAFKA_DO_CA_FILE: ${file}`, cause)
  })
  return { ca }
}

function saslOfEnvironment(): SaslOptions | undefined {
  const mechanism = variable('SASL_MECHANISM')
  if (mechanism === undefined) return undefined
  // The transport reports missing and unknown values, as it does for options.
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: variable('SASL_TOKEN') ?? '' }
  const [username, password] = [variable('SASL_USERNAME') ?? '', variable('SASL_PASSWORD') ?? '']
  return { mechanism: mechanism as 'PLAIN', username, password }
}

function variable(name: string): string | undefined {
  return process.env[`KAFKA_DO_${name}`] || undefined
}
