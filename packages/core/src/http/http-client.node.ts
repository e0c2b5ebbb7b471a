import '../runtime/require-node.node.ts'
import { Agent, request } from 'undici'
import type { AnyOperation } from '../protocol/operation.ts'
import { checkRequest as check, parseResponse } from '../requests/checking/request-check.ts'
import type { HttpClient } from './http-client.ts'

/**
 * undici's `request`: four to nine times less work for the client than `fetch` in Node. Timeouts are the transport's
 * own, so undici's, which would end long polls, are off. Idle sockets do not keep the process alive.
 */
export function createHttpClient(): HttpClient {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false })
  return {
    async post({ url, headers, body, signal }) {
      const response = await request(url, { method: 'POST', headers, body, signal, dispatcher })
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
    // Bun puts an undici of its own in the place of the package, whose agents hold nothing and have no such method.
    close: async () => (dispatcher as Partial<Agent>).destroy?.(),
  }
}

/** Node tells itself why it cannot reach a server, and asks nobody whether it may. */
export function whyUnreachable(_url: string): string {
  return ''
}

/** The answer as its schema reads it, or undefined when it does not match. */
export function checkResponse(operation: AnyOperation, answer: unknown): unknown {
  return parseResponse(operation, answer)
}

/**
 * @throws InvalidRequestError before anything is sent: JSON would make null of NaN and a string of a Date, or leave
 *   the field out
 */
export function checkRequest(operation: AnyOperation, request: unknown): void {
  check(operation, request)
}
