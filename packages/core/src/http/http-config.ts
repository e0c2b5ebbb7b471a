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
   * The server's address: `https://…` or `http://…`, with a path if a proxy adds one. Required. The server must allow a
   * page of another origin (`cors.origins`, `--cors-origin`). Kafka: bootstrap.servers.
   */
  url: string
  /**
   * The key that is sent as a bearer token, or a function that returns it before each request, so that it can change.
   * Default: none. Set it for a server that requires keys. In a web page, give a function that returns a key with a
   * short life and caches it: the requests that a page sends as it goes away have no time to ask for a new one.
   */
  apiKey?: string | (() => string | Promise<string>) | undefined
  /**
   * How long one attempt waits for its answer, in addition to the wait of a long poll. Default 30 s, so that it
   * outlasts load on the server or a restart. Lower it where somebody waits for the answer, and `retries` with it, as
   * each attempt has this time. Raise it for large requests over slow networks. Sent records have the producer's
   * `deliveryTimeout`; keep that longer. Kafka: request.timeout.ms.
   */
  timeout?: Duration | undefined
  /**
   * How often a failed request is retried, if that is safe. Default 3, after waits of about 100, 200 and 400 ms, or
   * after the wait that the server asks for. Raise it for calls of `admin` that should outlast a restart of the server,
   * or for unreliable networks. Set it to 0 where you retry yourself (`withRetry`). Producers, consumers and streams
   * have timeouts of their own. Kafka: retries.
   */
  retries?: number | undefined
  /**
   * The application's name in the server's logs. Default: none. Give each application its own, so that the server's
   * operator can tell them apart. Kafka: client.id.
   */
  clientId?: string | undefined
  /**
   * Further headers for each request. Default: none. Set them for proxies and tracing. Leave out `content-type`,
   * `accept` and `authorization`, which the protocol sets. A page that the server allows may send any other header.
   */
  headers?: Record<string, string> | undefined
  /**
   * Replaces the runtime's own HTTP client. Default: undici in Node, `fetch` elsewhere. Set it in tests, behind
   * proxies, or where an edge runtime offers a binding. In Node it costs several times the processor time.
   */
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
