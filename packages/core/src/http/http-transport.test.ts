import { describe, expect, it } from 'vitest'
import { codeOf } from '../errors/error-codes.ts'
import { KafkaError, MemberFencedError, TimeoutError, UnauthorizedError } from '../errors/kafka-error.ts'
import { fetch, listGroups, produce } from '../protocol/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import type { Fetch } from './http-client.ts'
import { decodeFrame, encodeFrame } from './http-frames.ts'
import type { HttpTransportOptions } from './http-config.ts'
import { http } from './http-transport.ts'
import type { Transport } from '../transport/transport.ts'

const groups = { throttleTimeMs: 0, groups: [] }
const ask = { statesFilter: [], typesFilter: [] }

interface Sent {
  readonly url: string
  readonly init: RequestInit
}

/** A transport over a `fetch` that the function answers, and the requests sent through it. */
function setUp(answer: (sent: Sent) => Response | Promise<Response>, options: Partial<HttpTransportOptions> = {}) {
  const clock = new ManualClock()
  const sent: Sent[] = []
  const call: Fetch = (url, init) => {
    sent.push({ url, init })
    return Promise.resolve(answer({ url, init }))
  }
  const runtime = { clock, random: { next: () => 0, uuid: () => '' } }
  const transport = http({ url: 'http://server.test/base/', fetch: call, retries: 0, runtime, ...options })
  return { transport, sent, clock, headerOf: (name: string) => new Headers(sent[0]?.init.headers).get(name) }
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

/** Waits until its request is aborted, as a real `fetch` does. */
const never = ({ init }: Sent): Promise<Response> =>
  new Promise((_, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
  })

async function errorOf(transport: Transport): Promise<KafkaError> {
  const error: unknown = await transport.send(listGroups, ask).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(KafkaError)
  return error as KafkaError
}

describe('a request over HTTP', () => {
  it('is a POST of JSON to the path of the operation', async () => {
    const { transport, sent, headerOf } = setUp(() => json(groups), {
      clientId: 'app',
      apiKey: 'kdo_1',
      headers: { 'x-trace': 't' },
    })
    expect(await transport.send(listGroups, ask)).toEqual(groups)
    expect(sent[0]?.url).toBe('http://server.test/base/v1/admin/list-groups')
    expect(sent[0]?.init).toMatchObject({ method: 'POST', body: JSON.stringify(ask) })
    expect(['content-type', 'authorization', 'x-client-id', 'x-trace'].map(headerOf)).toEqual([
      'application/json',
      'Bearer kdo_1',
      'app',
      't',
    ])
  })

  it('asks for the key anew each time', async () => {
    let count = 0
    const { transport, sent } = setUp(() => json(groups), { apiKey: () => Promise.resolve(`kdo_${++count}`) })
    await transport.send(listGroups, ask)
    await transport.send(listGroups, ask)
    expect(sent.map(({ init }) => new Headers(init.headers).get('authorization'))).toEqual([
      'Bearer kdo_1',
      'Bearer kdo_2',
    ])
  })

  it('carries record batches as a frame, both ways', async () => {
    const records = Uint8Array.of(1, 2, 3)
    const partition = {
      partition: 0,
      errorCode: 0,
      highWatermark: 1,
      lastStableOffset: 1,
      logStartOffset: 0,
      abortedTransactions: [],
    }
    const fetched = { throttleTimeMs: 0, topics: [{ topic: 'a', partitions: [{ ...partition, records }] }] }
    const type = 'application/vnd.kafkado.batches.v1'
    const { transport, sent, headerOf } = setUp(({ url }) =>
      url.endsWith('/v1/fetch')
        ? new Response(new Blob(encodeFrame(fetched) as BlobPart[]), { headers: { 'content-type': type } })
        : json({ throttleTimeMs: 0, topics: [] }),
    )
    const produced = {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1,
      topics: [{ topic: 'a', partitions: [{ partition: 0, records }] }],
    }
    await transport.send(produce, produced)
    expect(headerOf('content-type')).toBe(type)
    expect(decodeFrame(sent[0]?.init.body as Uint8Array)).toEqual(produced)
    const request = { maxWaitMs: 0, minBytes: 0, maxBytes: 1, isolationLevel: 'read_committed' as const, topics: [] }
    expect(await transport.send(fetch, request)).toEqual(fetched)
  })

  it('needs a key for kafka.do, and says how to go on without', async () => {
    const { transport, sent } = setUp(() => json(groups), { url: 'https://kafka.do' })
    const error = await errorOf(transport)
    expect(error).toBeInstanceOf(UnauthorizedError)
    expect(error.message).toMatch(/KAFKA_DO_API_KEY.*file:\.\/data/)
    expect(sent).toEqual([])
  })
})

describe('an answer that is a failure', () => {
  it('with a problem document is the error that the server had', async () => {
    const problem = {
      title: 'Conflict',
      status: 409,
      detail: 'fenced',
      code: 'MEMBER_FENCED',
      kafkaCode: codeOf('FENCED_MEMBER_EPOCH'),
      retriable: false,
      outcome: 'failed',
    }
    const { transport } = setUp(() => json(problem, 409, { 'content-type': 'application/problem+json; charset=utf-8' }))
    const error = await errorOf(transport)
    expect(error).toBeInstanceOf(MemberFencedError)
    expect(error).toMatchObject({
      message: 'fenced',
      kafkaName: 'FENCED_MEMBER_EPOCH',
      retriable: false,
      outcome: 'failed',
    })
  })

  it('with a code that this version does not know is a plain KafkaError with that code', async () => {
    const problem = {
      status: 500,
      detail: 'new',
      code: 'FROM_THE_FUTURE',
      retriable: true,
      outcome: 'unknown',
      retryAfterMs: 7,
    }
    const { transport } = setUp(() => json(problem, 500, { 'content-type': 'application/problem+json' }))
    expect(await errorOf(transport)).toMatchObject({
      name: 'KafkaError',
      code: 'FROM_THE_FUTURE',
      retriable: true,
      retryAfterMs: 7,
    })
  })

  it.each([
    [401, '', { code: 'UNAUTHORIZED', retriable: false }],
    [403, '<html>', { code: 'UNAUTHORIZED', retriable: false }],
    [404, '<h1>Not Found</h1>', { code: 'INVALID_REQUEST', retriable: false }],
    [413, '<html>', { code: 'MESSAGE_TOO_LARGE', retriable: false }],
    [429, '<html>', { code: 'QUOTA_EXCEEDED', retriable: true, retryAfterMs: 2000 }],
    [
      502,
      '<html>Bad Gateway</html>',
      { code: 'DISCONNECTED', retriable: true, outcome: 'unknown', retryAfterMs: 2000 },
    ],
    [503, '', { code: 'DISCONNECTED', retriable: true, outcome: 'unknown' }],
    [504, '<html>', { code: 'TIMEOUT', retriable: true, outcome: 'unknown' }],
  ])('of status %d from a proxy, without a problem document, is told by its status', async (status, body, expected) => {
    const headers = { 'content-type': 'text/html', 'retry-after': '2' }
    const { transport } = setUp(() => new Response(body, { status, headers }))
    const error = await errorOf(transport)
    expect(error).toMatchObject(expected)
    expect(error.message).toContain(`HTTP ${status}`)
  })

  it.each(['not JSON', 'null', '[]', '{"detail":"no code"}'])(
    'that says problem+json but is %s is told by its status',
    async (body) => {
      const { transport } = setUp(
        () => new Response(body, { status: 503, headers: { 'content-type': 'application/problem+json' } }),
      )
      expect(await errorOf(transport)).toMatchObject({ code: 'DISCONNECTED' })
    },
  )
})

describe('an answer of status 200', () => {
  it.each([
    ['a page of a captive portal', '<html>Welcome</html>', 'text/html'],
    ['JSON of something else', '{"ok":true}', 'application/json'],
  ])('that is %s is not taken for a response', async (_, body, contentType) => {
    const { transport } = setUp(() => new Response(body, { headers: { 'content-type': contentType } }))
    expect(await errorOf(transport)).toMatchObject({ code: 'INVALID_RESPONSE', outcome: 'unknown', retriable: false })
  })
})

describe('an answer that is cut off', () => {
  const whole = JSON.stringify(groups)
  const type = 'application/json'
  it.each([
    ['before its first byte', '', type],
    ['in the middle', whole.slice(0, 10), type],
    ['before its last byte', whole.slice(0, -1), type],
    ['in a frame', 'abcdefgh', 'application/vnd.kafkado.batches.v1'],
  ])('%s may have been carried out, and is asked for again', async (_, body, contentType) => {
    const cut = (): Response => new Response(body, { headers: { 'content-type': contentType } })
    const { transport } = setUp(cut)
    expect(await errorOf(transport)).toMatchObject({ code: 'INVALID_RESPONSE', outcome: 'unknown', retriable: true })
    let asked = 0
    const again = setUp(() => (++asked === 1 ? cut() : json(groups)), { retries: 1 })
    const answer = again.transport.send(listGroups, ask)
    await again.clock.advanceAsync(1000)
    expect(await answer).toMatchObject({ groups: [] })
  })
})

describe('the function for the key', () => {
  it('that fails is told as what could not be sent, and asked again', async () => {
    let asked = 0
    const apiKey = (): Promise<string> =>
      ++asked === 1 ? Promise.reject(new Error('the vault is shut')) : Promise.resolve('kdo_1')
    const { transport, sent, clock } = setUp(() => json(groups), { apiKey })
    expect(await errorOf(transport)).toMatchObject({
      code: 'UNAUTHORIZED',
      outcome: 'failed',
      retriable: true,
      message: expect.stringMatching(/apiKey failed: the vault is shut/) as string,
    })
    expect(sent).toEqual([])
    expect(await transport.send(listGroups, ask)).toMatchObject({ groups: [] })
    expect(clock.pendingTimers).toBe(0)
  })

  it('that never answers is waited for as long as the server, and nothing was sent', async () => {
    const { transport, sent, clock } = setUp(() => json(groups), { apiKey: () => new Promise(() => {}), timeout: '2s' })
    const error = errorOf(transport)
    await clock.advanceAsync(2000)
    expect(await error).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
    expect(sent).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('waiting', () => {
  it.each([
    [500, 500],
    [60_000, 2000],
  ])("for %i ms at most ends with the transport's own timeout where that is shorter", async (timeoutMs, untilMs) => {
    const { transport, clock } = setUp(never, { timeout: '2s' })
    const error = transport.send(listGroups, ask, { timeoutMs }).catch((thrown: unknown) => thrown)
    await clock.advanceAsync(untilMs - 1)
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1)
    expect(await error).toBeInstanceOf(TimeoutError)
  })

  it('ends after the timeout with an unknown outcome, and leaves no timer', async () => {
    const { transport, clock } = setUp(never, { timeout: '2s' })
    const error = errorOf(transport)
    await clock.advanceAsync(1999)
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1)
    expect(await error).toBeInstanceOf(TimeoutError)
    expect(await error).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('2000 ms') as string })
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends after the timeout also when what carries it takes no notice of that', async () => {
    const { transport, clock } = setUp(() => new Promise<Response>(() => undefined), { timeout: '5s' })
    const failing = errorOf(transport)
    await clock.advanceAsync('5s')
    expect(await failing).toBeInstanceOf(TimeoutError)
  })

  it('gives a long poll its wait on top of the timeout', async () => {
    const { transport, clock } = setUp(never, { timeout: '2s' })
    const request = { maxWaitMs: 500, minBytes: 1, maxBytes: 1, isolationLevel: 'read_committed' as const, topics: [] }
    const outcome = transport.send(fetch, request).catch((error: unknown) => error)
    await clock.advanceAsync(2499)
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1)
    expect(await outcome).toBeInstanceOf(TimeoutError)
  })

  it('ends at once when the caller gives up, with the reason of the caller', async () => {
    const { transport, clock } = setUp(never)
    const abort = new AbortController()
    const outcome = transport.send(listGroups, ask, { signal: abort.signal }).catch((error: unknown) => error)
    await clock.advanceAsync(1)
    const reason = new Error('no longer needed')
    abort.abort(reason)
    expect(await outcome).toBe(reason)
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not begin when the caller has given up before', async () => {
    const { transport, sent } = setUp(() => json(groups))
    await expect(transport.send(listGroups, ask, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    )
    expect(sent).toEqual([])
  })

  it('ends when the transport is closed during a long poll, and leaves nothing behind', async () => {
    const { transport, clock } = setUp(never, { retries: 3 })
    const error = errorOf(transport)
    await clock.advanceAsync(1)
    await transport.close()
    await transport.close()
    expect(await error).toMatchObject({ code: 'DISCONNECTED', retriable: false })
    expect(clock.pendingTimers).toBe(0)
    expect(await errorOf(transport)).toMatchObject({
      code: 'DISCONNECTED',
      outcome: 'failed',
      message: 'the client is closed',
    })
  })

  it.each(['close', 'abort'] as const)('does not send what was still waiting for its key at a %s', async (how) => {
    let giveKey: (key: string) => void = () => undefined
    const apiKey = (): Promise<string> =>
      new Promise((resolve) => {
        giveKey = resolve
      })
    const { transport, sent } = setUp(() => json(groups), { apiKey })
    const abort = new AbortController()
    const outcome = transport.send(listGroups, ask, { signal: abort.signal }).catch((error: unknown) => error)
    if (how === 'close') await transport.close()
    else abort.abort()
    giveKey('kdo_1')
    expect(await outcome).toBeInstanceOf(Error)
    expect(sent).toEqual([])
  })
})

describe('a server that cannot be reached', () => {
  it.each([
    ['ECONNREFUSED', 'failed'],
    ['ENOTFOUND', 'failed'],
    ['ECONNRESET', 'unknown'],
    ['UND_ERR_SOCKET', 'unknown'],
  ])('with %s has the outcome %s', async (code, outcome) => {
    const { transport } = setUp(() =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('why'), { code }) })),
    )
    const error = await errorOf(transport)
    expect(error).toMatchObject({ code: 'DISCONNECTED', retriable: true, outcome })
    expect(error.message).toMatch(new RegExp(`http://server\\.test/base: ${code}`))
  })

  const circle = new TypeError('fetch failed')
  circle.cause = circle

  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an error whose cause is null', new TypeError('fetch failed', { cause: null }), 'null'],
    ['an error that is its own cause', circle, 'fetch failed'],
    ['an object without a prototype', Object.create(null), 'something was thrown that has no form as text'],
  ])('is told as such when `fetch` rejects with %s', async (_what, reason, message) => {
    const { transport } = setUp(() => Promise.reject(reason as Error))
    const error = await errorOf(transport)
    expect(error).toMatchObject({ code: 'DISCONNECTED', retriable: true, outcome: 'unknown' })
    expect(error.message).toContain(`http://server.test/base: ${message}. Is it running there?`)
  })

  it('is tried again, and the answer of a later attempt counts', async () => {
    let attempts = 0
    const { transport, clock } = setUp(
      () => (++attempts < 3 ? Promise.reject(new TypeError('fetch failed')) : json(groups)),
      { retries: 3 },
    )
    const outcome = transport.send(listGroups, ask)
    await clock.advanceAsync('5s')
    expect(await outcome).toEqual(groups)
    expect(attempts).toBe(3)
  })
})
