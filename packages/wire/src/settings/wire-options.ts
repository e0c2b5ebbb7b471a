import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls'
import { type Duration, InvalidRequestError, type Runtime, systemRuntime } from '@kafkado/core'
import {
  choiceField,
  type ConfigFields,
  durationField,
  field,
  integerField,
  isObject,
  isPlainObject,
  parseConfig,
  required,
  runtimeField,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'
import { type BrokerAddress, parseBrokers } from './broker-address.ts'

/** A secret, or a function that returns it for each new connection, so that it can change. */
export type Secret = string | (() => string | Promise<string>)

/** How to authenticate. Kafka: sasl.mechanism, sasl.jaas.config. */
export type SaslOptions =
  | { mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; username: Secret; password: Secret }
  | {
      mechanism: 'OAUTHBEARER'
      /** The token, usually a JWT. */
      token: Secret
      /**
       * SASL extensions (KIP-342). Some providers require them: Confluent Cloud needs logicalCluster and
       * identityPoolId.
       */
      extensions?: Record<string, string>
    }

/** Options for a cluster of Apache Kafka 4.0 or later. */
export interface WireOptions {
  /**
   * The addresses of some of the brokers: `'b1:9092,b2:9092'` or a list. These brokers tell the addresses of the
   * others. Required. Give two or three, so that one may be down. Kafka: bootstrap.servers.
   */
  brokers: string | readonly string[]
  /**
   * The application's name in the brokers' logs and quotas. Default `kafkado`. Set it when several applications share a
   * cluster, or when quotas depend on it. Kafka: client.id.
   */
  clientId?: string | undefined
  /**
   * True for TLS with the certificates that Node trusts, or Node's options of a TLS connection (`ca`, `cert`, `key`,
   * `servername`, …). Default: no TLS. Set it for every listener outside of a trusted network, and always with `sasl`
   * PLAIN. Kafka: security.protocol, ssl.*.
   */
  tls?: boolean | TlsConnectionOptions | undefined
  /** The credentials. Default: none. Set it for listeners that require authentication, mostly together with `tls`. */
  sasl?: SaslOptions | undefined
  /**
   * How long opening a connection may take, including TLS and SASL. Default 10 s. Raise it for slow networks or slow
   * token servers; keep `timeout` above it. Kafka: socket.connection.setup.timeout.ms.
   */
  connectTimeout?: Duration | undefined
  /**
   * How long an operation may take, including the search for leaders and coordinators and retries while they move, in
   * addition to the wait of a long poll. Default 30 s. Raise it for slow clusters, or to outlast longer elections; keep
   * the producer's `deliveryTimeout` above it. Kafka: request.timeout.ms, default.api.timeout.ms.
   */
  timeout?: Duration | undefined
  /**
   * How often to try all brokers again when none can be reached. Default 3. Raise it, together with `timeout`, for
   * networks with longer interruptions.
   */
  retries?: number | undefined
  /**
   * The most long polls at a time at each broker. Each occupies a connection, because a broker answers a connection's
   * requests one by one. Default 100. Raise it when more consumers than that share the transport, together with the
   * brokers' `max.connections`.
   */
  maxLongPolls?: number | undefined
  /**
   * How long an idle connection stays open. Default 1 min. Lower it when the brokers have many clients; raise it, up to
   * the brokers' own limit, if connecting is slow. Kafka: connections.max.idle.ms.
   */
  idleTimeout?: Duration | undefined
  /** Clock and randomness, for tests. */
  runtime?: Runtime | undefined
}

const isSecret = (value: unknown): boolean => (typeof value === 'string' && value !== '') || typeof value === 'function'

function isSasl(value: unknown): boolean {
  if (!isObject(value)) return false
  const { mechanism, username, password, token, extensions = {} } = value
  if (mechanism === 'OAUTHBEARER') {
    const areTexts = isObject(extensions) && Object.values(extensions).every((text) => typeof text === 'string')
    return isSecret(token) && areTexts
  }
  return (
    choiceField('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512').check(mechanism) && isSecret(username) && isSecret(password)
  )
}

/** Checked elsewhere, because errors must not show the value. */
const checkedApart = field(() => true, '')

const fields: ConfigFields<WireOptions> = {
  brokers: required(
    field(
      (value) => typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string')),
      "must be 'host:port,host:port' or a list of 'host:port'",
    ),
  ),
  clientId: textField(),
  tls: checkedApart,
  sasl: checkedApart,
  connectTimeout: durationField(),
  timeout: durationField(),
  retries: integerField(0),
  maxLongPolls: integerField(1),
  idleTimeout: durationField(),
  runtime: runtimeField(),
}

export interface WireSettings {
  readonly brokers: readonly BrokerAddress[]
  readonly clientId: string
  readonly tls: TlsConnectionOptions | undefined
  readonly sasl: SaslOptions | undefined
  readonly connectTimeoutMs: number
  readonly timeoutMs: number
  readonly retries: number
  readonly maxLongPolls: number
  readonly idleTimeoutMs: number
  readonly runtime: Runtime
}

/** @throws InvalidRequestError when an option is unknown, missing or wrong */
export function wireSettings(options: WireOptions): WireSettings {
  const given = parseConfig('wire', fields, options)
  if (given.sasl !== undefined && !isSasl(given.sasl)) {
    throw new InvalidRequestError(
      'wire configuration: sasl must be ' +
        "{ mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', username, password } or " +
        "{ mechanism: 'OAUTHBEARER', token, extensions? }",
    )
  }
  if (given.tls !== undefined && typeof given.tls !== 'boolean' && !isPlainObject(given.tls))
    throw new InvalidRequestError("wire configuration: tls must be true, false or Node's TLS options")
  const brokers = parseBrokers(given.brokers)
  if (brokers.length === 0) throw new InvalidRequestError("wire: name at least one broker, such as 'localhost:9092'")
  return {
    brokers,
    clientId: given.clientId ?? 'kafkado',
    tls: given.tls === true ? {} : given.tls || undefined,
    sasl: given.sasl,
    connectTimeoutMs: toMilliseconds(given.connectTimeout ?? '10s', 'connectTimeout'),
    timeoutMs: toMilliseconds(given.timeout ?? '30s', 'timeout'),
    retries: given.retries ?? 3,
    maxLongPolls: given.maxLongPolls ?? 100,
    idleTimeoutMs: toMilliseconds(given.idleTimeout ?? '1m', 'idleTimeout'),
    runtime: given.runtime ?? systemRuntime,
  }
}
