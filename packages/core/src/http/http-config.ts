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
   * Where the server is: `https://…` or `http://…`, with a path where a proxy adds one. A page of another origin needs the
   * server's leave (`cors.origins`, `--cors-origin`). Kafka: bootstrap.servers.
   */
  url: string
  /**
   * The key sent as bearer token, or a function that is asked for it before each request (so that it can change). Default:
   * none. Give a web page a function that returns a key which expires soon, and keeps it until then: what a page sends as
   * it goes away has no time to ask for one.
   */
  apiKey?: string | (() => string | Promise<string>) | undefined
  /**
   * How long one attempt waits for its answer, besides the wait of a long poll. Default 30 s, so that a server under load or
   * one that restarts is still waited for. Lower it where somebody waits for the answer, and `retries` with it, as each
   * attempt has this time; raise it for large requests over slow lines. Records that are sent have `deliveryTimeout` of the
   * producer, which should be longer. Kafka: request.timeout.ms.
   */
  timeout?: Duration | undefined
  /**
   * How often a request that failed is sent again, where that is safe. Default 3, after waits of about 100, 200 and 400 ms,
   * or what the server asks for. Raise it for calls of `admin` that are to outlast a restart of the server; set it to 0 where
   * you try again yourself (`withRetry`). Producers, consumers and streams have patience of their own. Kafka: retries.
   */
  retries?: number | undefined
  /**
   * Names the application in the server's logs. Default: none. Give each application its own, so that the operator of the
   * server can tell them apart. Kafka: client.id.
   */
  clientId?: string | undefined
  /**
   * Further headers for each request, as proxies and tracing need them. Default: none. Leave out `content-type`,
   * `accept` and `authorization`, which are the protocol's own. A page that the server allows may send any other.
   */
  headers?: Record<string, string> | undefined
  /**
   * Used in place of the runtime's own HTTP client. Default: undici in Node, `fetch` elsewhere. Give one in tests, or where
   * requests go by a proxy or a binding of an edge runtime. In Node it costs several times the processor time.
   */
  fetch?: Fetch | undefined
  /** Time and chance, for tests. */
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
