import { capabilities } from '@kafkado/core'
import { allOperations, ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { FakeTransport } from '../../test/fake-transport.ts'
import { securedServer } from '../../test/secured-server.ts'
import { tokenOptionsSchema } from '../auth/token.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { Gateway } from '../gateway.ts'
import { createHandler } from '../handler.ts'
import type { LogEntry } from '../log.ts'
import { openApiDocument } from './openapi.ts'
import { operationRoutes } from './operation-routes.ts'
import { serviceRoutes } from './service-routes.ts'
import { tokenRoute } from './token-route.ts'

const about = { server: 'fake 1', storage: 'memory', operations: ['produce'], maxMessageBytes: 1_048_588 }
const get = (path: string, init?: RequestInit): Request => new Request(`http://kafkado.test${path}`, init)

describe('without a key', () => {
  it('one learns whether the server lives and what it offers, and nothing else', async () => {
    const { handler, transport } = securedServer()
    transport.answer(capabilities, () => about)
    const statuses = ['/livez', '/readyz', '/v1/openapi.json', '/v1'].map(
      async (path) => (await handler(get(path))).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 401])
    expect(await (await handler(get('/readyz'))).json()).toEqual({ status: 'ready' })
  })
})

describe('/readyz', () => {
  it('is 503 when what is behind the server does not answer, whatever the reason, which only the log has', async () => {
    const logged: LogEntry[] = []
    const transport = new FakeTransport().answer(capabilities, () => Promise.reject(new Error('down at 10.0.0.1')))
    const response = await createHandler(transport, { log: (entry) => logged.push(entry) })(get('/readyz'))
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('10.0.0.1')
    expect(logged).toMatchObject([{ level: 'warn', error: { message: 'down at 10.0.0.1' } }])
  })
})

describe('/readyz', () => {
  const readiness = async (more: object) => {
    const transport = new FakeTransport().answer(capabilities, () => ({ ...about, ...more }))
    const response = await createHandler(transport)(get('/readyz'))
    return [response.status, await response.json()]
  }

  it('is 503 once the storage has failed', async () => {
    expect(await readiness({ isWritable: false })).toMatchObject([503, { code: 'NOT_READY' }])
  })

  it('stays 200 on a nearly full disk, where deletions make room, and says so', async () => {
    expect(await readiness({ isNearlyFull: true })).toEqual([200, { status: 'ready', isNearlyFull: true }])
  })
})

describe('a server that closes', () => {
  it('lives, and is not ready', async () => {
    const gateway = new Gateway(new FakeTransport().answer(capabilities, () => about))
    gateway.close()
    const ask = async (path: string) => {
      const { status, body } = await gateway.handle(exchangeOf(path))
      return [status, JSON.parse(body as string)]
    }
    expect(await ask('/livez')).toEqual([200, { status: 'closing' }])
    expect(await ask('/readyz')).toMatchObject([503, { retriable: true }])
  })
})

it('/readyz answers within 5 seconds, whatever is behind the server', async () => {
  const clock = new ManualClock()
  const random = { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' }
  const silent = new FakeTransport().answer(capabilities, () => new Promise(() => undefined))
  const ready = createHandler(silent, { runtime: { clock, random } })(get('/readyz'))
  await clock.advanceAsync(5000)
  expect(clock.pendingTimers).toBe(0)
  const response = await ready
  expect([response.status, await response.json()]).toMatchObject([503, { code: 'NOT_READY', retriable: true }])
})

describe('answers', () => {
  const handler = createHandler(new FakeTransport().answer(capabilities, () => about))

  it.each([
    ['abc-1.2_X', 'abc-1.2_X'],
    ['x'.repeat(65), null],
    ['a b', null],
    [`kdo_0123456789abcdef_${'a'.repeat(43)}`, null],
  ])('carry the request id %j when it is a plain one', async (given, expected) => {
    const response = await handler(get('/v1', { headers: { 'x-request-id': given } }))
    expect(response.headers.get('x-request-id')).toEqual(expected)
  })

  it('are kept by nobody and taken for nothing else', async () => {
    const { headers } = await handler(get('/v1'))
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff'])
  })

  it('to HEAD have no body', async () => {
    const response = await handler(get('/livez', { method: 'HEAD' }))
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

describe('pages of other origins', () => {
  const origin = 'https://app.example'
  const handler = createHandler(
    new FakeTransport().answer(capabilities, () => about),
    { cors: { origins: [origin], maxAgeSeconds: 60 } },
  )
  const preflightFrom = (from: string, headers: Record<string, string> = {}): Request =>
    get('/v1/produce', {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'POST', ...headers },
    })

  it('that are named may call, and keep the answer to their preflight', async () => {
    const { status, headers } = await handler(preflightFrom(origin))
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-headers')).toContain('authorization')
    expect(headers.get('access-control-max-age')).toBe('60')
    expect(headers.get('vary')).toBe('Origin')
    const response = await handler(get('/v1', { headers: { origin } }))
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  })

  it.each([
    ['authorization,content-type,traceparent,x-tenant', 'authorization,content-type,traceparent,x-tenant'],
    ["x-a!#$%&'*+.^_`|~-1 , X-B", "x-a!#$%&'*+.^_`|~-1 , X-B"],
    ['x-a,', 'authorization, content-type, x-client-id, x-request-id'],
    ['x a', 'authorization, content-type, x-client-id, x-request-id'],
    ['x-a;<script>', 'authorization, content-type, x-client-id, x-request-id'],
    ['', 'authorization, content-type, x-client-id, x-request-id'],
  ])('that are named may send the headers that they ask for: %j', async (asked, allowed) => {
    const { headers } = await handler(preflightFrom(origin, { 'access-control-request-headers': asked }))
    expect(headers.get('access-control-allow-headers')).toBe(allowed)
  })

  it('that are not named may send none', async () => {
    const { headers } = await handler(
      preflightFrom('https://else.example', { 'access-control-request-headers': 'x-tenant' }),
    )
    expect(headers.get('access-control-allow-headers')).toBeNull()
  })

  it.each(['https://app.example.evil', 'http://app.example', 'https://APP.example', 'null'])(
    'like %s may not',
    async (from) => {
      const preflight = await handler(preflightFrom(from))
      expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([403, null])
      const response = await handler(get('/v1', { headers: { origin: from } }))
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  it('may not by default, not even ask', async () => {
    expect((await createHandler(new FakeTransport())(preflightFrom(origin))).status).toBe(405)
  })

  it.each([
    ['*', 'such as https://app.example.com'],
    ['app.example', 'such as https://app.example.com'],
    ['https://app.example/', 'did you mean https://app.example?'],
    ['https://app.example:443', 'did you mean https://app.example?'],
    ['https://APP.example/shop', 'did you mean https://app.example?'],
    ['file:///home', 'such as https://app.example.com'],
    ['null', 'such as https://app.example.com'],
  ])('cannot be permitted as %j', (bad, hint) => {
    expect(() => createHandler(new FakeTransport(), { cors: { origins: [bad] } })).toThrow(`is not an origin, ${hint}`)
  })
})

describe('the OpenAPI document', () => {
  interface Described {
    paths: Record<
      string,
      { post?: { operationId: string; requestBody: { content: Record<string, { schema: unknown }> } } }
    >
  }
  const described = JSON.parse(openApiDocument()) as Described

  it('has every operation at its path', () => {
    expect(allOperations.map(({ path }) => described.paths[path]?.post?.operationId)).toEqual(
      allOperations.map(({ name }) => name),
    )
  })

  it('has the route for tokens, with the schema that checks what it takes', () => {
    const { $schema: _, ...checked } = z.toJSONSchema(tokenOptionsSchema) as Record<string, unknown>
    expect(described.paths['/v1/tokens']?.post).toMatchObject({
      operationId: 'createToken',
      requestBody: { content: { 'application/json': { schema: checked } } },
    })
  })

  it('has every route of the server, but its own', () => {
    const routes = [...operationRoutes, ...serviceRoutes, tokenRoute].map(({ path }) => path)
    expect(new Set(Object.keys(described.paths))).toEqual(new Set(routes.filter((path) => !path.endsWith('.json'))))
  })

  it('shows the header of a frame, with lengths in the place of bytes', () => {
    const content = described.paths['/v1/produce']?.post?.requestBody.content['application/vnd.kafkado.batches.v1']
    const partition = {
      type: 'object',
      properties: { partition: { type: 'integer' }, byteLength: { type: 'integer', minimum: 0 } },
      required: ['partition', 'byteLength'],
    }
    expect(content?.schema).toMatchObject({
      properties: { topics: { items: { properties: { partitions: { items: partition } } } } },
    })
    expect(openApiDocument()).not.toContain('"records":')
  })
})

function exchangeOf(path: string): Exchange {
  return {
    method: 'GET',
    path,
    query: '',
    address: undefined,
    connection: undefined,
    header: () => undefined,
    headerBytes: () => 0,
    readBody: () => Promise.reject(new Error('nobody reads it')),
    stopReading: () => undefined,
    onDisconnect: () => undefined,
  }
}
