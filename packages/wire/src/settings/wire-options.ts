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

/** A secret, or a function that is asked for it with each new connection, so that it can change. */
export type Secret = string | (() => string | Promise<string>)

/** How to say who one is. Kafka: sasl.mechanism, sasl.jaas.config. */
export type SaslOptions =
  | { mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; username: Secret; password: Secret }
  | {
      mechanism: 'OAUTHBEARER'
      /** The token, mostly a JWT. */
      token: Secret
      /**
       * SASL extensions (KIP-342), which some providers ask for: Confluent Cloud wants logicalCluster and
       * identityPoolId.
       */
      extensions?: Record<string, string>
    }

/** How to speak to a cluster of Apache Kafka 4.0 or later. */
export interface WireOptions {
  /**
   * Where some of the brokers are: `'b1:9092,b2:9092'` or a list. They tell of the others. Kafka: bootstrap.servers.
   */
  brokers: string | readonly string[]
  /** Names the application in the brokers' logs and quotas. Default `kafkado`. Kafka: client.id. */
  clientId?: string | undefined
  /**
   * True for TLS with the certificates that Node trusts, or Node's options of a TLS connection (`ca`, `cert`, `key`,
   * `servername`, …). Default: no TLS. Kafka: security.protocol, ssl.*.
   */
  tls?: boolean | TlsConnectionOptions | undefined
  /** Who one is, for listeners that ask. Default: nobody. */
  sasl?: SaslOptions | undefined
  /** How long a connection may take, TLS and SASL included. Default 10 s. Kafka: socket.connection.setup.timeout.ms. */
  connectTimeout?: Duration | undefined
  /**
   * How long an operation may take, besides the wait of a long poll: looking for leaders and coordinators, and asking
   * again while they move, included. Default 30 s. Kafka: request.timeout.ms, default.api.timeout.ms.
   */
  timeout?: Duration | undefined
  /** How often brokers of which none can be reached are tried again. Default 3. */
  retries?: number | undefined
  /**
   * Long polls at a time for each broker; each takes a connection, because a broker answers a connection's requests one
   * by one. Default 100.
   */
  maxLongPolls?: number | undefined
  /** After how much idle time a connection is closed. Default 1 min. Kafka: connections.max.idle.ms. */
  idleTimeout?: Duration | undefined
  /** Time and chance, for tests. */
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

/** Whose value must not be shown, as other values are. */
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
