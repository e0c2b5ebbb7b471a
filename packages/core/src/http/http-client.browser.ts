import { isObject } from '../config/config-fields.ts'
import type { AnyOperation } from '../protocol/operation.ts'
import { fetchHttpClient, type HttpClient } from './http-client.ts'

export function createHttpClient(): HttpClient {
  return fetchHttpClient((input, init) => globalThis.fetch(input, init))
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
