import { http, type HttpTransportOptions, InvalidRequestError, type Transport } from '@kafkado/core'
import { type ConfigFields, field, httpConfig, parseConfig, textField } from '@kafkado/core/internal'
import type { WireOptions } from '@kafkado/wire'
import { openBrokers, openFolder } from '#folders-and-sockets'
import { folderOfUrl } from './folder-of-url.ts'
import { LazyTransport } from './lazy-transport.ts'

/** Where to connect, and the options of the connection. */
export interface ConnectionOptions extends Omit<HttpTransportOptions, 'url'>, Pick<WireOptions, 'tls' | 'sasl'> {
  /**
   * `memory:`, `file:FOLDER`, `http://…`, `https://…` or `kafka://HOST:PORT,HOST:PORT`. Default: the environment
   * variable `KAFKA_DO_URL`, else https://kafka.do. Change it to run the same code elsewhere: `memory:` in tests,
   * `file:` on one machine, a server or a cluster in production. Kafka: bootstrap.servers.
   */
  url?: string | undefined
}

/** Errors must not show their values; the wire transport checks them. */
const checkedApart = field(() => true, '')

/**
 * Checked for every URL, even when its transport ignores an option: otherwise a mistake would show only when the URL
 * changes.
 */
const fields: ConfigFields<ConnectionOptions> = {
  ...httpConfig,
  url: textField(),
  tls: checkedApart,
  sasl: checkedApart,
}

const defaultUrl = 'https://kafka.do'

/**
 * Returns the transport for a URL. `tls` and `sasl` apply to `kafka:`, and the environment can set them too (see
 * kafka-environment.ts); `apiKey`, `headers` and `fetch` apply to `http:` and `https:`.
 *
 * @throws InvalidRequestError when the URL or an option is not valid, or for `file:` and `kafka:` in a page
 */
export function connect(given: ConnectionOptions): Transport {
  const { url = environment('KAFKA_DO_URL') ?? defaultUrl, ...options } = parseConfig('client', fields, given)
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') return http({ apiKey: environment('KAFKA_DO_API_KEY'), ...options, url })
  const { runtime } = options
  if (scheme === 'memory') return new LazyTransport(async () => (await import('@kafkado/broker')).memory({ runtime }))
  if (scheme === 'file') return openFolder(folderOfUrl(url), runtime)
  if (scheme === 'kafka') {
    const brokers = brokersOf(url)
    const { timeout, retries, clientId, tls, sasl } = options
    return openBrokers({ brokers, timeout, retries, clientId, tls, sasl, runtime })
  }
  throw new InvalidRequestError(
    `${JSON.stringify(url)} is no URL that kafkado knows: use memory:, file:FOLDER, http://HOST:PORT, ` +
      'https://HOST or kafka://HOST:PORT',
  )
}

/** Reads `kafka://b1:9092,b2:9092`. The URL must not contain secrets: URLs end up in logs. */
function brokersOf(url: string): string {
  const brokers = url.slice('kafka:'.length).replace(/^\/\//, '').replace(/\/$/, '')
  if (/^[^/@?#]+$/.test(brokers)) return brokers
  throw new InvalidRequestError(
    'kafka: URLs name brokers and nothing else, such as kafka://b1:9092,b2:9092; ' +
      'TLS and credentials are options (tls, sasl)',
  )
}

/** A browser has no environment. */
function environment(name: string): string | undefined {
  const value = globalThis.process?.env?.[name]
  return value === '' ? undefined : value
}
