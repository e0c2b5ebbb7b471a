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

/** An error on its way over HTTP: `application/problem+json` (RFC 9457) with the fields of a KafkaError. */
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
 * Reads a problem document from a body, if it is one. Wrong fields count as missing: clients decide by them whether and
 * when to retry, and the answer may come from a server other than kafkado.
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

/** Whether it is possible to wait that many milliseconds. */
export function isWait(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Restores the error that a server's problem describes, with its class. */
export function errorOfProblem(problem: Problem): KafkaError {
  const { code, kafkaCode, retriable, outcome, retryAfterMs, detail } = problem
  return new (errorClassOf(code))(detail, { code, kafkaCode, retriable, outcome, retryAfterMs })
}

/**
 * The error for an HTTP status without a problem document: the answer comes from a proxy, or from a server other than
 * kafkado.
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
