import '../runtime/require-node.node.ts'
import { Agent, request } from 'undici'
import type { AnyOperation } from '../protocol/operation.ts'
import { checkRequest as check, parseResponse } from '../requests/checking/request-check.ts'
import type { HttpClient } from './http-client.ts'

/**
 * undici's `request`, which costs the client four to nine times less work than `fetch` in Node. The transport has its
 * own timeouts; undici's are off, as they would end long polls. Idle sockets do not keep the process alive.
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
    // Bun replaces the package by its own undici, whose agents hold no sockets and lack this method.
    close: async () => (dispatcher as Partial<Agent>).destroy?.(),
  }
}

/** Node reports the reason itself, and CORS does not apply. */
export function whyUnreachable(_url: string): string {
  return ''
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
