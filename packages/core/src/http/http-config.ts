import {
  durationField,
  field,
  functionField,
  integerField,
  isPlainObject,
  required,
  runtimeField,
  textField,
} from '../config/config-fields.ts'
import type { ConfigFields } from '../config/parse-config.ts'
import type { Duration } from '../config/duration.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Fetch } from './http-client.ts'

export interface HttpTransportOptions {
  /**
   * The server's address: `https://…` or `http://…`, with a path if a proxy adds one. Required. Kafka:
   * bootstrap.servers.
   */
  url: string
  /**
   * The key that is sent as a bearer token, or a function that returns it before each request, so that it can change.
   * Default: none. Set it for a server that requires keys. In a web page, give a function that returns a key with a
   * short life and caches it: the requests that a page sends as it goes away have no time to ask for a new one.
   */
  apiKey?: string | (() => string | Promise<string>) | undefined
  /**
   * How long to wait for an answer, in addition to the wait of a long poll. Default 30 s. Raise it for slow networks or
   * servers; keep the producer's `deliveryTimeout` longer. Kafka: request.timeout.ms.
   */
  timeout?: Duration | undefined
  /**
   * How often a failed request is retried, if that is safe. Default 3. Raise it for unreliable networks, together with
   * the callers' own timeouts, which end all attempts. Kafka: retries.
   */
  retries?: number | undefined
  /**
   * The application's name in the server's logs. Default: none. Set it when several applications share a server. Kafka:
   * client.id.
   */
  clientId?: string | undefined
  /**
   * Further headers for each request. Default: none. Set them for proxies and tracing. A page whose origin the server
   * allows may send any header.
   */
  headers?: Record<string, string> | undefined
  /** Replaces the runtime's own HTTP client. Set it in tests, on edge runtimes and behind proxies. */
  fetch?: Fetch | undefined
  /** Clock and randomness, for tests. */
  runtime?: Runtime | undefined
}

export const httpConfig: ConfigFields<HttpTransportOptions> = {
  url: required(
    field(
      (value) => typeof value === 'string' && /^https?:\/\/[^/]/.test(value),
      'must begin with http:// or https:// and name a host',
    ),
  ),
  apiKey: field((value) => typeof value === 'string' || typeof value === 'function', 'must be a string or a function'),
  timeout: durationField(),
  retries: integerField(0),
  clientId: textField(),
  headers: field(
    (value) => isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string'),
    'must be an object of strings',
  ),
  fetch: functionField(),
  runtime: runtimeField(),
}
