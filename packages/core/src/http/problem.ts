import { isObject } from '../config/config-fields.ts'
import { errorClassOf } from '../errors/error-classes.ts'
import {
  DisconnectedError,
  InvalidRequestError,
  type KafkaError,
  MessageTooLargeError,
  QuotaExceededError,
  TimeoutError,
  UnauthorizedError,
} from '../errors/kafka-error.ts'

/** An error as it travels over HTTP: `application/problem+json` (RFC 9457) with what a KafkaError says. */
export interface Problem {
  title: string
  status: number
  detail: string
  code: string
  kafkaCode?: number | undefined
  retriable: boolean
  outcome: 'failed' | 'unknown'
  retryAfterMs?: number | undefined
  requestId?: string | undefined
}

export const problemContentType = 'application/problem+json'

/**
 * What a body says, where it is a problem document. What it says wrongly counts as not said: clients retry and wait by
 * it, and it may come from a server that is no kafkado server.
 */
export function problemOf(content: unknown): Problem | undefined {
  if (!isObject(content)) return undefined
  const { code, detail, title, status, kafkaCode, retriable, outcome, retryAfterMs } = content
  if (!isText(code) || !isText(detail)) return undefined
  return {
    title: isText(title) ? title : code,
    status: Number(status),
    detail,
    code,
    kafkaCode: Number.isSafeInteger(kafkaCode) ? (kafkaCode as number) : undefined,
    retriable: retriable === true,
    outcome: outcome === 'failed' ? 'failed' : 'unknown',
    retryAfterMs: isWait(retryAfterMs) ? retryAfterMs : undefined,
  }
}

/** Whether somebody can wait for so many milliseconds. */
export function isWait(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The error that a server's problem describes, of the class it had there. */
export function errorOfProblem(problem: Problem): KafkaError {
  const { code, kafkaCode, retriable, outcome, retryAfterMs, detail } = problem
  return new (errorClassOf(code))(detail, { code, kafkaCode, retriable, outcome, retryAfterMs })
}

/**
 * The error for an HTTP status whose body is no problem document: it comes from a proxy on the way, or from a server
 * that is no kafkado server.
 */
export function errorOfStatus(status: number, url: string, retryAfterMs: number | undefined): KafkaError {
  const message = `${url} answered HTTP ${status} without an explanation; is this a kafkado server?`
  if (status === 401 || status === 403) return new UnauthorizedError(message)
  if (status === 413) return new MessageTooLargeError(message)
  if (status === 429) return new QuotaExceededError(message, { retryAfterMs })
  if (status === 408 || status === 504) return new TimeoutError(message)
  if (status >= 500) return new DisconnectedError(message, { retryAfterMs, outcome: 'unknown' })
  return new InvalidRequestError(message)
}
