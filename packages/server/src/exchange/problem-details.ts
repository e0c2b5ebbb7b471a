import { codeOf, KafkaError, type KafkaErrorName } from '@kafkado/core'
import { type Problem, problemContentType, shortened } from '@kafkado/core/internal'
import type { Reply } from './exchange.ts'
import type { Log } from '../log.ts'
import { Refusal } from './refusal.ts'
import { statusOfError } from './status-of-error.ts'

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
}

/** Enough for every message of the server itself. Longer ones repeat what the client sent. */
const mostCharacters = 2000

/** Errors with messages for the operator alone: they can name folders and addresses, which clients must not learn. */
const internalErrors: Partial<Record<KafkaErrorName, string>> = {
  NETWORK_EXCEPTION: 'the server cannot reach the system behind it',
  KAFKA_STORAGE_ERROR: "the server's storage failed",
}

/**
 * The answer for a request that failed as a whole. An unexpected error is logged, and the client learns only the id to
 * ask for.
 */
export function problemReply(error: unknown, requestId: string, log: Log): Reply {
  const refusal = error instanceof Refusal ? error : undefined
  const known = refusal?.error ?? (KafkaError.is(error) ? error : undefined)
  if (known === undefined) {
    log({ level: 'error', message: 'a request failed unexpectedly', requestId, error })
    return replyOf(unexpected(requestId), {})
  }
  const status = refusal?.status ?? statusOfError(known)
  const internal = refusal ? undefined : known.kafkaName && internalErrors[known.kafkaName]
  if (internal !== undefined) log({ level: 'error', message: internal, requestId, error })
  const { code, kafkaCode, retriable, outcome, retryAfterMs } = known
  const detail =
    internal === undefined
      ? shortened(known.message, mostCharacters)
      : `${internal}; its log has the cause under request id ${requestId}`
  const problem = {
    title: titleOf(status),
    status,
    detail,
    code,
    kafkaCode,
    retriable,
    outcome,
    retryAfterMs,
    requestId,
  }
  return replyOf(problem, { ...refusal?.headers, ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) })
}

function replyOf(problem: Problem, headers: Record<string, string>): Reply {
  const retryAfter: Record<string, string> =
    problem.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(problem.retryAfterMs / 1000)) }
  return {
    status: problem.status,
    headers: { 'content-type': problemContentType, ...retryAfter, ...headers },
    body: JSON.stringify(problem),
  }
}

function unexpected(requestId: string): Problem {
  return {
    title: titleOf(500),
    status: 500,
    detail: `the server met a condition it did not expect; its log has the cause under request id ${requestId}`,
    code: 'UNKNOWN_SERVER_ERROR',
    kafkaCode: codeOf('UNKNOWN_SERVER_ERROR'),
    retriable: false,
    outcome: 'unknown',
    requestId,
  }
}

function titleOf(status: number): string {
  return titles[status] ?? 'Error'
}
