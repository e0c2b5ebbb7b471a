import type { Duration, Transport } from '@kafkado/core'
import {
  booleanField,
  type ConfigFields,
  durationField,
  field,
  integerField,
  isPlainObject,
  objectWith,
  required,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'
import type { ApiKeys } from '../auth/key-ring.ts'
import { handlerFields, type HandlerOptions } from '../gateway.ts'
import { type LogLevel, logLevels } from './server-log.ts'
import type { TlsOptions } from './tls-files.ts'

export interface ServeOptions extends Omit<HandlerOptions, 'keys'> {
  /** The transport to serve. It stays open when the server closes. */
  transport: Transport
  /**
   * The address to listen on. Default `127.0.0.1`: this machine only. Set `0.0.0.0` or an address of the network to let
   * other machines in, together with `keys`. Kafka: listeners.
   */
  host?: string | undefined
  /**
   * The port to listen on. Default 8080. Use 0 for a free one, for example in tests; `url` then tells it. Kafka:
   * listeners.
   */
  port?: number | undefined
  /**
   * The accepted keys: the path of a key file, or the result of `loadKeys()` or `apiKeys()`. Default: none, so everyone
   * may do everything. Set them before other machines can reach the server.
   */
  keys?: ApiKeys | string | undefined
  /**
   * Lets other machines reach a server without keys, by any host name. Default false. Set it only in a network where
   * you trust everyone, or behind a proxy that authenticates.
   */
  insecure?: boolean | undefined
  /**
   * Serves HTTPS. Default: plain HTTP, for this machine or behind a proxy that ends TLS. Set it when other machines
   * reach the server directly. Kafka: listeners, security.protocol.
   */
  tls?: TlsOptions | undefined
  /**
   * How long `close()` waits for requests under way. Default 10 s. Raise it when requests take longer, together with
   * the grace period of your container platform.
   */
  drainTimeout?: Duration | undefined
  /**
   * How long a connection may stay open without a request under way. Default 60 s, longer than the clients' own pauses.
   * Raise it above the idle timeout of a proxy in front, or the proxy sends requests into connections that are just
   * being closed. Lower it when many clients come once. Above 0. Kafka: connections.max.idle.ms, 10 minutes there.
   */
  keepAliveTimeout?: Duration | undefined
  /**
   * How long a client may take to send the request line and the headers; then it gets 408. Default 10 s, and never more
   * than `requestTimeoutMs`. Lower it on servers that strangers can reach, raise it for very slow networks. Above 0.
   * Kafka has no such setting.
   */
  headersTimeout?: Duration | undefined
  /**
   * What to write to standard error, as lines of JSON, without `log`: this level and all more serious ones. Default
   * `warn`: faults. `info` adds when the server opens and closes, `debug` a line for each request; `silent` writes
   * nothing. Lines never hold an API key or the content of a record.
   */
  logLevel?: LogLevel | undefined
}

/** A listening server. */
export interface RunningServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string
  readonly port: number
  /**
   * Stops listening, ends long polls at once, answers other requests within `drainTimeout`, and closes every
   * connection. You may call it more than once.
   */
  close(): Promise<void>
}

/** Node takes 0 for no limit at all. */
const positiveDuration = field(
  (value) => durationField().check(value) && toMilliseconds(value as Duration, 'it') >= 1,
  'must be a duration of at least 1 ms, such as "30s"',
)

/** @internal */
export const serveFields: ConfigFields<ServeOptions> = {
  ...handlerFields,
  transport: required(objectWith('send', 'close')),
  host: textField(),
  port: integerField(0, 65_535),
  keys: field(
    (value) => textField().check(value) || objectWith('authenticate').check(value),
    'must be a file of keys, or what loadKeys() or apiKeys() made',
  ),
  insecure: booleanField(),
  tls: field(isPlainObject, 'must be { cert, key, clientCa? }, the names of files'),
  drainTimeout: durationField(),
  keepAliveTimeout: positiveDuration,
  headersTimeout: positiveDuration,
  logLevel: field((value) => logLevels.some((level) => level === value), `must be one of ${logLevels.join(', ')}`),
}
