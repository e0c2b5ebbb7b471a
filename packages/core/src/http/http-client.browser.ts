import { isObject } from '../config/config-fields.ts'
import type { KafkaError } from '../errors/kafka-error.ts'
import type { AnyOperation } from '../protocol/operation.ts'
import { pageOrigin } from '../runtime/page.ts'
import { fetchHttpClient, type HttpClient } from './http-client.ts'
import { cannotReach } from './unreachable.ts'

export function createHttpClient(): HttpClient {
  return fetchHttpClient((input, init) => globalThis.fetch(input, init))
}

/** The error of a request that got no answer. A `fetch` does not tell whether the request was sent. */
export function unreachable(url: string, cause: unknown, wasAnswered: boolean): KafkaError {
  return cannotReach(url, cause, 'unknown', wasAnswered ? '' : whyUnreachable(url))
}

/**
 * A further explanation for a failed request. A browser reports the same failure for an unreachable server and for a
 * page whose origin the server does not allow (CORS).
 */
function whyUnreachable(url: string): string {
  const origin = pageOrigin()
  if (origin === undefined || origin === new URL(url).origin) return ''
  // A page opened as a file has no origin that a server could allow.
  const how =
    origin === 'null' ? 'serve the page over HTTP' : `start it with --cors-origin ${origin} (cors.origins of serve)`
  return ` If so, it may not allow this page (CORS): ${how}`
}

/**
 * Returns the answer, or undefined if it does not come from a kafkado server. This check is superficial, because the
 * schemas stay out of a page.
 */
export function checkResponse(_operation: AnyOperation, answer: unknown): unknown {
  return isObject(answer) && ('throttleTimeMs' in answer || 'operations' in answer) ? answer : undefined
}

/** The server checks requests; `bodyOf` reports values that JSON cannot write. */
export function checkRequest(_operation: AnyOperation, _request: unknown): void {}
