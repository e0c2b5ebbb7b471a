import { isObject } from '../config/config-fields.ts'
import type { AnyOperation } from '../protocol/operation.ts'
import { pageOrigin } from '../runtime/page.ts'
import { fetchHttpClient, type HttpClient } from './http-client.ts'

export function createHttpClient(): HttpClient {
  return fetchHttpClient((input, init) => globalThis.fetch(input, init))
}

/**
 * What else may be the reason when a request fails: a browser says only that it failed, also when the server runs and
 * it is the page's origin that is not allowed (CORS).
 */
export function whyUnreachable(url: string): string {
  const origin = pageOrigin()
  if (origin === undefined || origin === new URL(url).origin) return ''
  // A page of a file has none that could be allowed.
  const how =
    origin === 'null' ? 'serve the page over HTTP' : `start it with --cors-origin ${origin} (cors.origins of serve)`
  return ` If so, it may not allow this page (CORS): ${how}`
}

/**
 * Only tells a kafkado answer from a stranger's: the schemas stay out of a page. The answer, or
 * undefined when it is none.
 */
export function checkResponse(_operation: AnyOperation, answer: unknown): unknown {
  return isObject(answer) && ('throttleTimeMs' in answer || 'operations' in answer) ? answer : undefined
}

/** The server checks requests; what JSON cannot write is told by `bodyOf`. */
export function checkRequest(_operation: AnyOperation, _request: unknown): void {}
