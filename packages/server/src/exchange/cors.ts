import { InvalidRequestError } from '@kafkado/core'
import { type ConfigFields, field, integerField, parseConfig, required } from '@kafkado/core/internal'
import type { Exchange, Reply } from './exchange.ts'
import { refuse } from './refusal.ts'

/** Which web pages may call the server from a browser. Default: only pages of the server's own origin. */
export interface CorsOptions {
  /**
   * Exact origins, such as `https://app.example.com`: scheme, host and any unusual port. A page of such an origin may
   * send any header. Add each origin that serves your pages. There is no wildcard, because pages hold keys.
   */
  origins: readonly string[]
  /**
   * How long a browser keeps the answer to a preflight. Default 7,200, the longest that browsers allow. Lower it while
   * you change the origins, for example in tests. A page asks once in that time for each kind of request, and a page
   * that is closing may have no time to ask. In seconds.
   */
  maxAgeSeconds?: number
}

const fields: ConfigFields<CorsOptions> = {
  origins: required(
    field(
      (value) => Array.isArray(value) && value.every((origin) => typeof origin === 'string'),
      'must be a list of origins, such as https://app.example.com',
    ),
  ),
  maxAgeSeconds: integerField(0),
}

/** Answers browsers, for the configured origins. */
export class Cors {
  readonly #origins: ReadonlySet<string>
  readonly #maxAgeSeconds: number

  /** @throws InvalidRequestError naming the value that is not an origin */
  constructor(given: CorsOptions) {
    const options = parseConfig('cors', fields, given)
    for (const origin of options.origins) {
      if (!isOrigin(origin)) throw new InvalidRequestError(`cors.origins (--cors-origin): ${noOrigin(origin)}`)
    }
    this.#origins = new Set(options.origins)
    this.#maxAgeSeconds = options.maxAgeSeconds ?? 7200
  }

  /** The headers that each answer adds for the page that asked. */
  headers(exchange: Exchange): Record<string, string> {
    const origin = exchange.header('origin')
    if (origin === undefined || !this.#origins.has(origin)) return { vary: 'Origin' }
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'x-request-id, retry-after',
    }
  }

  /**
   * The answer to a preflight; undefined for any other request.
   *
   * @throws Refusal with 403 for an origin that may not call
   */
  preflight(exchange: Exchange): Reply | undefined {
    if (exchange.method !== 'OPTIONS' || exchange.header('access-control-request-method') === undefined)
      return undefined
    const origin = exchange.header('origin') ?? ''
    if (!this.#origins.has(origin))
      throw refuse(
        403,
        'this origin is not among those that may call the server from a browser (cors.origins, --cors-origin)',
      )
    return {
      status: 204,
      headers: {
        'access-control-allow-methods': 'GET, HEAD, POST',
        'access-control-allow-headers': allowedHeaders(exchange.header('access-control-request-headers')),
        'access-control-max-age': String(this.#maxAgeSeconds),
      },
      body: '',
    }
  }
}

/** Whether the string is an origin as browsers send it. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}

/** Explains the fault, and suggests the origin that was probably meant. */
function noOrigin(text: string): string {
  const { origin } = URL.canParse(text) ? new URL(text) : { origin: 'null' }
  const meant = origin === 'null' ? 'such as https://app.example.com' : `did you mean ${origin}?`
  return `${JSON.stringify(text)} is not an origin, ${meant}`
}

/** Headers of the client itself. */
const ownHeaders = 'authorization, content-type, x-client-id, x-request-id'
const headerNames = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+)*$/

/**
 * Applications add headers of their own, such as a proxy's key or a trace. The headers give a page no further rights,
 * so all requested ones are allowed.
 */
function allowedHeaders(asked: string | undefined): string {
  return asked !== undefined && headerNames.test(asked) ? asked : ownHeaders
}
