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
  /** Where the server is: `https://…` or `http://…`, with a path where a proxy adds one. */
  url: string
  /**
   * The key sent as bearer token, or a function that is asked for it before each request (so that it can change).
   * Default: none. Give a web page a function that returns a key which expires soon, and keeps it until then: what a
   * page sends as it goes away has no time to ask for one.
   */
  apiKey?: string | (() => string | Promise<string>) | undefined
  /** How long to wait for an answer, besides the wait of a long poll. Default 30 s (Kafka: request.timeout.ms). */
  timeout?: Duration | undefined
  /** How often a request that failed is sent again, where that is safe. Default 3 (Kafka: retries). */
  retries?: number | undefined
  /** Names the application in the server's logs (Kafka: client.id). */
  clientId?: string | undefined
  /** Further headers for each request, as proxies and tracing need them. A page that the server allows may send any. */
  headers?: Record<string, string> | undefined
  /** Used in place of the runtime's own HTTP client: for tests, edge runtimes and proxies. */
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
