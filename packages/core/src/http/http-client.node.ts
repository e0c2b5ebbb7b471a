import '../runtime/require-node.node.ts'
import type { Agent, request } from 'undici'
import { InvalidRequestError, type KafkaError } from '../errors/kafka-error.ts'
import type { AnyOperation } from '../protocol/operation.ts'
import { checkRequest as check, parseResponse } from '../requests/checking/request-check.ts'
import type { HttpClient } from './http-client.ts'
import { cannotReach, rootOf } from './unreachable.ts'

interface Undici {
  readonly request: typeof request
  readonly dispatcher: Agent
}

/**
 * undici's `request`, which costs the client four to nine times less work than `fetch` in Node. The transport has its
 * own timeouts; undici's are off, as they would end long polls. Idle sockets do not keep the process alive. The first
 * request loads undici: that takes longer than all of kafkado, and most programs that import it use other transports.
 */
export function createHttpClient(): HttpClient {
  let opening: Promise<Undici> | undefined
  let opened: Undici | undefined
  return {
    async post({ url, headers, body, signal }) {
      opened ??= await (opening ??= open())
      // The call may have ended while undici was loaded.
      signal.throwIfAborted()
      const response = await opened.request(url, {
        method: 'POST',
        headers,
        body,
        signal,
        dispatcher: opened.dispatcher,
      })
      const content = await response.body.arrayBuffer()
      return {
        status: response.statusCode,
        body: new Uint8Array(content),
        header(name) {
          const value = response.headers[name]
          return Array.isArray(value) ? (value[0] ?? null) : (value ?? null)
        },
      }
    },
    async close() {
      const undici = await opening?.catch(() => undefined)
      // Bun replaces the package by its own undici, whose agents hold no sockets and lack this method.
      await (undici?.dispatcher as Partial<Agent> | undefined)?.destroy?.()
    },
  }
}

async function open(): Promise<Undici> {
  const undici = await import('undici')
  return {
    request: undici.request,
    dispatcher: new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false }),
  }
}

/** Errors of sockets that never connected: the request was certainly not carried out. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The error of a request that got no answer. Node reports the reason itself, and CORS does not apply. */
export function unreachable(url: string, cause: unknown, _wasAnswered: boolean): KafkaError {
  const { code, message } = rootOf(cause)
  if (code === 'UND_ERR_INVALID_ARG')
    return new InvalidRequestError(`the request to ${url} is not valid: ${message}`, { cause })
  return cannotReach(url, cause, code !== undefined && neverSent.has(code) ? 'failed' : 'unknown')
}

/** The answer as its schema reads it; undefined if it does not match. */
export function checkResponse(operation: AnyOperation, answer: unknown): unknown {
  return parseResponse(operation, answer)
}

/**
 * @throws InvalidRequestError before anything is sent: JSON would turn NaN into null and a Date into a string, or drop
 *   the field
 */
export function checkRequest(operation: AnyOperation, request: unknown): void {
  check(operation, request)
}
