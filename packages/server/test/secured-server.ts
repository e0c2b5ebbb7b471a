import { batchesContentType, encodeFrame, ManualClock, type Problem } from '@kafkado/core/internal'
import { expect } from 'vitest'
import { createKey, createPepper, type CreatedKey } from '../src/auth/api-key.ts'
import { apiKeys } from '../src/auth/key-ring.ts'
import type { Scope } from '../src/auth/scopes.ts'
import { createHandler } from '../src/handler.ts'
import type { LogEntry } from '../src/log.ts'
import { FakeTransport } from './fake-transport.ts'

/** A server with keys and low limits, to test its refusals. */

const pepper = createPepper()
const clock = new ManualClock()
const random = { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' }

export const may = (operation: Scope['operation'], name: string, resource: Scope['resource'] = 'topic'): Scope => ({
  operation,
  resource,
  name,
  pattern: 'literal',
})

/**
 * May produce to `orders`, consume `orders` as `billing`, and do everything with names that begin with `public-`,
 * except `public-secret`.
 */
const scopes: Scope[] = [
  may('write', 'orders'),
  may('read', 'orders'),
  may('read', 'billing', 'group'),
  { ...may('all', 'public-'), pattern: 'prefix' },
  { ...may('all', 'public-secret'), effect: 'deny' },
]

export const valid = await createKey({ pepper, scopes })
/** Has no rights. */
export const bare = await createKey({ pepper })
export const expired = await createKey({ pepper, scopes: [may('all', '*')], expiresAt: new Date(clock.now()) })
export const ofOtherPepper = await createKey({ pepper: createPepper(), scopes: [may('all', '*')] })

const limits = { maxBodyBytes: 2000, maxHeaderBytes: 1000, maxPartitions: 10 }

export function securedServer() {
  const transport = new FakeTransport()
  const logged: LogEntry[] = []
  const keys = apiKeys({
    pepper,
    keys: [valid.key, bare.key, expired.key, ofOtherPepper.key],
    runtime: { clock, random },
  })
  const handler = createHandler(transport, { keys, limits, log: (entry) => logged.push(entry) })
  return { transport, logged, handler }
}

/** A request: a GET without a body, or a POST with one. It has the valid key unless it sets another. */
export interface Attempt {
  readonly path: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: BodyInit
  readonly key?: CreatedKey | null
}

/** The fault, the status and detail of its refusal, and the request. */
export type Refused = readonly [what: string, status: number, detail: RegExp, attempt: Attempt]

export const asJson = { 'content-type': 'application/json' }
export const asFrame = { 'content-type': batchesContentType }

export function post(path: string, body: unknown, more: Partial<Attempt> = {}): Attempt {
  return { path, headers: asJson, body: typeof body === 'string' ? body : JSON.stringify(body), ...more }
}

export function frame(message: object, more: Partial<Attempt> = {}): Attempt {
  return { path: '/v1/produce', headers: asFrame, body: new Blob(encodeFrame(message) as BlobPart[]), ...more }
}

export const batchFor = (...topics: string[]): object => ({
  transactionalId: null,
  acks: -1,
  timeoutMs: 1,
  topics: topics.map((topic) => ({ topic, partitions: [{ partition: 0, records: new Uint8Array(1) }] })),
})

export const metadataOf = (...topics: string[]) => ({ topics, allowAutoTopicCreation: false })

export const heartbeat = {
  groupId: 'billing',
  memberId: 'm',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 1,
  subscribedTopicNames: ['orders'],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}

export function send(handler: (request: Request) => Promise<Response>, attempt: Attempt): Promise<Response> {
  const { path, headers, body = null, key = valid, method = body === null ? 'GET' : 'POST' } = attempt
  const authorization: Record<string, string> = key ? { authorization: `Bearer ${key.secret}` } : {}
  // Some types of RequestInit lack `duplex`, which a streamed body needs.
  const init: RequestInit & { duplex: 'half' } = {
    method,
    headers: { ...headers, ...authorization },
    body,
    duplex: 'half',
  }
  return handler(new Request(`http://kafkado.test${path}`, init))
}

/** Sends it and expects a problem document without secrets; the request must not get to the transport. */
export async function expectRefusal([, status, detail, attempt]: Refused): Promise<void> {
  const { transport, handler, logged } = securedServer()
  const response = await send(handler, attempt)
  const text = await response.text()
  const problem = JSON.parse(text) as Problem
  expect({ status: response.status, detail: problem.detail }).toEqual({
    status,
    detail: expect.stringMatching(detail) as string,
  })
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const requestId = response.headers.get('x-request-id')
  expect(problem).toMatchObject({ status, outcome: 'failed', retriable: false, requestId })
  expect(text).not.toContain('    at ')
  expect(text).not.toContain(valid.secret.slice(-43))
  expect(transport.sent).toEqual([])
  expect(logged).toEqual([])
}
