import { http, type HttpTransportOptions, InvalidRequestError, type Transport } from '@kafkado/core'
import { LazyTransport } from './lazy-transport.ts'

/** Where to connect to, with what an HTTP connection can be told. */
export interface ConnectionOptions extends Omit<HttpTransportOptions, 'url'> {
  /** Default: the environment variable `KAFKA_DO_URL`, or else https://kafka.do. */
  url?: string | undefined
}

const defaultUrl = 'https://kafka.do'

/**
 * The transport that a URL names: `memory:`, `file:FOLDER`, `http://…` or `https://…`.
 *
 * @throws InvalidRequestError when the URL or an option is not valid
 */
export function connect({ url = environment('KAFKA_DO_URL') ?? defaultUrl, ...options }: ConnectionOptions): Transport {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') return http({ apiKey: environment('KAFKA_DO_API_KEY'), ...options, url })
  const { runtime } = options
  if (scheme === 'memory') return new LazyTransport(async () => (await import('@kafkado/broker')).memory({ runtime }))
  if (scheme === 'file') {
    const folder = folderOf(url)
    return new LazyTransport(async () => (await import('@kafkado/broker')).embedded(folder, { runtime }))
  }
  if (scheme === 'kafka') {
    throw new InvalidRequestError(
      `${url}: this version does not speak to Apache Kafka brokers yet; use memory:, file:FOLDER, http://… or https://…`,
    )
  }
  throw new InvalidRequestError(
    `${JSON.stringify(url)} is no URL that kafkado knows: use memory:, file:FOLDER, http://HOST:PORT or https://HOST`,
  )
}

/** `file:./data` and `file:/data` as they stand; `file:///data` is a URL, where a space is %20. */
function folderOf(url: string): string {
  const folder = url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : url.slice('file:'.length)
  if (folder === '') throw new InvalidRequestError(`${url}: name a folder, such as file:./data`)
  return folder
}

/** A browser has no environment. */
function environment(name: string): string | undefined {
  const value = globalThis.process?.env?.[name]
  return value === '' ? undefined : value
}
