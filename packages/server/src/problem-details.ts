import { KafkaError } from '@kafkado/core'
import { type Problem, problemContentType } from '@kafkado/core/internal'
import type { Reply } from './exchange.ts'
import type { Log } from './log.ts'
import { Refusal } from './refusal.ts'

/** The HTTP status of each of Kafka's errors; what is not here is a request that is not valid, 400. */
const kafkaCodesOfStatus: Record<number, readonly number[]> = {
  401: [58],
  403: [29, 30, 31, 53, 54],
  404: [3, 69, 100, 105],
  409: [22, 25, 27, 36, 45, 46, 47, 48, 49, 51, 59, 68, 81, 82, 86, 88, 90, 103, 110, 111, 113, 120],
  413: [10, 18],
  416: [1],
  429: [89],
  500: [-1],
  501: [35],
  503: [5, 6, 9, 13, 14, 15, 16, 19, 20, 41, 56, 74, 75, 78],
  504: [7],
}

const statusOfKafkaCode = new Map(
  Object.entries(kafkaCodesOfStatus).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
)

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
}

/** Errors whose message is for whoever runs the server: it can name folders and addresses that are no client's business. */
const internalErrors: Record<number, string> = {
  13: 'the server cannot reach what is behind it',
  56: "the server's storage failed",
}

/**
 * The answer for a request that failed as a whole. An error that was not made on purpose is logged, and the client learns no
 * more than the id to ask for.
 */
export function problemReply(error: unknown, requestId: string, log: Log): Reply {
  const refusal = error instanceof Refusal ? error : undefined
  const known = refusal?.error ?? (KafkaError.is(error) ? error : undefined)
  if (known === undefined) {
    log({ level: 'error', message: 'a request failed unexpectedly', requestId, error })
    return replyOf(unexpected(requestId), {})
  }
  const status = refusal?.status ?? statusOf(known)
  const internal = refusal ? undefined : internalErrors[known.kafkaCode ?? 0]
  if (internal !== undefined) log({ level: 'error', message: internal, requestId, error })
  const { code, kafkaCode, retriable, outcome, retryAfterMs } = known
  const detail =
    internal === undefined ? known.message : `${internal}; its log has the cause under request id ${requestId}`
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
    kafkaCode: -1,
    retriable: false,
    outcome: 'unknown',
    requestId,
  }
}

function statusOf(error: KafkaError): number {
  return error.kafkaCode === undefined ? 500 : (statusOfKafkaCode.get(error.kafkaCode) ?? 400)
}

function titleOf(status: number): string {
  return titles[status] ?? 'Error'
}
