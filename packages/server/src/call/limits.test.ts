import { consumerGroupHeartbeat, fetch, listGroups, systemRandom } from '@kafkado/core'
import { ManualClock, type Problem } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { FakeTransport, untilAborted } from '../../test/fake-transport.ts'
import { asJson, heartbeat } from '../../test/secured-server.ts'
import { createHandler } from '../handler.ts'
import type { Limits } from './limits.ts'

const empty = { throttleTimeMs: 0, topics: [] }
const poll = { maxWaitMs: 500, minBytes: 1, maxBytes: 100, isolationLevel: 'read_committed', topics: [] }

function setUp(limits: Partial<Limits> = {}, transport = new FakeTransport()) {
  const clock = new ManualClock()
  const handler = createHandler(transport, { limits, runtime: { clock, random: systemRandom } })
  const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
    handler(new Request(`http://kafkado.test${path}`, postOf(body, signal)))
  return { transport, clock, handler, post }
}

const postOf = (body: unknown, signal: AbortSignal | null = null): RequestInit => ({
  method: 'POST',
  headers: asJson,
  body: JSON.stringify(body),
  signal,
})
const problemIn = async (response: Response): Promise<Problem> => (await response.json()) as Problem

describe('a fetch', () => {
  it('waits and takes no more than the server permits', async () => {
    const limits = { maxLongPollMs: 200, maxResponseBytes: 50 }
    const { transport, post } = setUp(
      limits,
      new FakeTransport().answer(fetch, () => empty),
    )
    await post('/v1/fetch', poll)
    await post('/v1/fetch', { ...poll, maxWaitMs: -5, maxBytes: 10 })
    expect(transport.sent.map(({ request }) => request)).toMatchObject([
      { maxWaitMs: 200, maxBytes: 50 },
      { maxWaitMs: 0, maxBytes: 10 },
    ])
  })

  it('is given up in the transport when the client goes away', async () => {
    const { transport, clock, post } = setUp(
      {},
      new FakeTransport().answer(fetch, (_, options) => untilAborted(options)),
    )
    const client = new AbortController()
    const response = post('/v1/fetch', poll, client.signal)
    await clock.advanceAsync(1)
    expect(transport.sent[0]?.options.signal?.aborted).toBe(false)
    client.abort()
    await response
    expect(transport.sent[0]?.options.signal?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('counts against the long polls of its key while it waits', async () => {
    const fake = new FakeTransport().answer(fetch, (_, options) => untilAborted(options))
    const { clock, post } = setUp({ maxLongPollsPerKey: 1 }, fake)
    const client = new AbortController()
    const first = post('/v1/fetch', poll, client.signal)
    await clock.advanceAsync(1)
    const second = await post('/v1/fetch', poll)
    expect(second.status).toBe(429)
    expect(second.headers.get('retry-after')).toBe('1')
    expect(await problemIn(second)).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      retriable: true,
      outcome: 'failed',
      retryAfterMs: 1000,
    })
    client.abort()
    await first
    fake.answer(fetch, () => empty)
    expect((await post('/v1/fetch', poll)).status).toBe(200)
  })
})

describe('the time a request may take', () => {
  it('ends in 504 with an unknown outcome, also when the transport does not heed the signal', async () => {
    const deaf = new FakeTransport().answer(listGroups, () => new Promise(() => undefined))
    const { transport, clock, post } = setUp({ requestTimeoutMs: 1000 }, deaf)
    const response = post('/v1/admin/list-groups', { statesFilter: [], typesFilter: [] })
    await clock.advanceAsync(999)
    expect(transport.sent[0]?.options.signal?.aborted).toBe(false)
    await clock.advanceAsync(1)
    expect((await response).status).toBe(504)
    expect(await problemIn(await response)).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown', retriable: true })
    expect(transport.sent[0]?.options.signal?.aborted).toBe(true)
  })

  it('has the wait of a long poll on top', async () => {
    const { clock, post } = setUp(
      { requestTimeoutMs: 1000 },
      new FakeTransport().answer(fetch, () => new Promise(() => undefined)),
    )
    const response = post('/v1/fetch', poll)
    await clock.advanceAsync(1499)
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1)
    expect((await response).status).toBe(504)
  })

  it('ends in 408 while the body is still being sent: nothing was carried out', async () => {
    const { transport, clock, handler } = setUp({ requestTimeoutMs: 1000 })
    let cancelled = false
    const body = new ReadableStream({ cancel: () => void (cancelled = true) })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers: asJson, body, duplex: 'half' }
    const response = handler(new Request('http://kafkado.test/v1/metadata', init))
    await clock.advanceAsync(1000)
    expect((await response).status).toBe(408)
    expect(await problemIn(await response)).toMatchObject({ outcome: 'failed', retriable: true })
    expect(transport.sent).toEqual([])
    expect(cancelled).toBe(true)
  })
})

describe('too many requests', () => {
  it('are shed with 503, heartbeats last, and whether the server lives is always told', async () => {
    const waiting = new FakeTransport()
      .answer(listGroups, (_, options) => untilAborted(options))
      .answer(consumerGroupHeartbeat, (_, options) => untilAborted(options))
    const { clock, post, handler } = setUp({ maxRequestsInFlight: 1, requestTimeoutMs: 1000 }, waiting)
    const groups = { statesFilter: [], typesFilter: [] }
    const first = post('/v1/admin/list-groups', groups)
    await clock.advanceAsync(1)
    const shed = await post('/v1/admin/list-groups', groups)
    expect(shed.status).toBe(503)
    expect(await problemIn(shed)).toMatchObject({
      code: 'OVERLOADED',
      retriable: true,
      outcome: 'failed',
      retryAfterMs: 1000,
    })
    expect((await handler(new Request('http://kafkado.test/livez'))).status).toBe(200)
    const beat = post('/v1/groups/heartbeat', heartbeat)
    await clock.advanceAsync(1)
    expect((await post('/v1/groups/heartbeat', heartbeat)).status).toBe(503)
    await clock.advanceAsync('2s')
    expect([(await first).status, (await beat).status]).toEqual([504, 504])
    waiting.answer(listGroups, () => ({ throttleTimeMs: 0, groups: [] }))
    expect((await post('/v1/admin/list-groups', groups)).status).toBe(200)
  })

  it('have the memory that those before them took', async () => {
    const waiting = new FakeTransport().answer(listGroups, (_, options) => untilAborted(options))
    const groups = { statesFilter: [], typesFilter: [] }
    // One is under way, and one more arrives: a body without a length takes 4 KiB.
    const { clock, post } = setUp({ maxBytesInFlight: 2 * 4096, requestTimeoutMs: 1000 }, waiting)
    const first = post('/v1/admin/list-groups', groups)
    await clock.advanceAsync(1)
    for (let count = 0; count < 5; count++) {
      const client = new AbortController()
      const next = post('/v1/admin/list-groups', groups, client.signal)
      await clock.advanceAsync(1)
      expect((await post('/v1/admin/list-groups', groups)).status).toBe(503)
      client.abort()
      await next
    }
    await clock.advanceAsync('2s')
    await first
    waiting.answer(listGroups, () => ({ throttleTimeMs: 0, groups: [] }))
    for (let count = 0; count < 3; count++) expect((await post('/v1/admin/list-groups', groups)).status).toBe(200)
  })

  it('are shed when their bodies together take too much memory', async () => {
    const { transport, post } = setUp({ maxBytesInFlight: 10 })
    const response = await post('/v1/admin/list-groups', { statesFilter: [], typesFilter: [] })
    expect(response.status).toBe(503)
    expect(await problemIn(response)).toMatchObject({
      code: 'OVERLOADED',
      detail: expect.stringContaining('maxBytesInFlight') as string,
    })
    expect(transport.sent).toEqual([])
  })
})

it.each([
  [{ maxBodyBytes: 0 }, /maxBodyBytes must be a whole number from 1 up, got 0/],
  [{ maxBodySize: 5 }, /there is no option 'maxBodySize'/],
])('limits %j are refused', (limits, message) => {
  expect(() => createHandler(new FakeTransport(), { limits: limits as Partial<Limits> })).toThrow(message)
})
