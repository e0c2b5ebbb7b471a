import { consumerGroupHeartbeat, fetch, listGroups, metadata, produce } from '@kafkado/core'
import { encodeFrame, ManualClock, type Problem } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { FakeTransport, untilAborted } from '../../test/fake-transport.ts'
import { asFrame, asJson, batchFor, heartbeat, may } from '../../test/secured-server.ts'
import type { ApiKeys } from '../auth/key-ring.ts'
import { createHandler } from '../handler.ts'
import type { Limits } from './limits.ts'

/** What one key may hold and use, so that the others are served. */

const random = { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' }
const scopes = [may('all', '*'), may('all', '*', 'group')]
type Key = 'greedy' | 'modest'
/** Finds keys at once: real ones are hashed, for which a test would have to wait. */
const keys: ApiKeys = { authenticate: (keyId) => Promise.resolve({ keyId, scopes }) }

const groups = { statesFilter: [], typesFilter: [] }
const beaten = {
  throttleTimeMs: 0,
  memberId: 'm',
  memberEpoch: 1,
  heartbeatIntervalMs: 5000,
  assignment: null,
}
const cluster = { throttleTimeMs: 0, clusterId: 'c', controllerId: 1, brokers: [] }
const known = { errorCode: 0, errorMessage: null, topicId: null, isInternal: false, partitions: [] }
const poll = { maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, isolationLevel: 'read_committed', topics: [] }

function setUp(limits: Partial<Limits>) {
  const clock = new ManualClock()
  const runtime = { clock, random }
  const transport = new FakeTransport()
    .answer(listGroups, () => ({ throttleTimeMs: 0, groups: [] }))
    .answer(produce, () => ({ throttleTimeMs: 0, topics: [] }))
    // Whether a topic would have to be made.
    .answer(metadata, ({ topics }) => ({ ...cluster, topics: (topics ?? []).map((topic) => ({ ...known, topic })) }))
    .answer(consumerGroupHeartbeat, () => beaten)
  const handler = createHandler(transport, { limits, keys, runtime })
  const post = (key: Key, path: string, body: BodyInit, headers: Record<string, string> = asJson) => {
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${key}` },
      body,
      duplex: 'half',
    }
    return handler(new Request(`http://kafkado.test${path}`, init))
  }
  const ask = (key: Key) => post(key, '/v1/admin/list-groups', JSON.stringify(groups))
  const beat = (key: Key) => post(key, '/v1/groups/heartbeat', JSON.stringify(heartbeat))
  return { clock, transport, post, ask, beat }
}

const throttleIn = async (response: Promise<Response>): Promise<number> =>
  ((await (await response).json()) as { throttleTimeMs: number }).throttleTimeMs
const problemIn = async (response: Promise<Response>): Promise<Problem> => (await (await response).json()) as Problem

/** A body of so many bytes that arrive at once, and are followed by others when the test says so. */
function bodyOf(bytes: number) {
  let enqueue: (chunk: Uint8Array) => void = () => undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      enqueue = (chunk) => controller.enqueue(chunk)
      controller.enqueue(new Uint8Array(bytes))
    },
  })
  return { body, send: (more: number) => enqueue(new Uint8Array(more)) }
}

describe('requests a second of a key', () => {
  it('may be saved up; then answers ask for a pause, and then requests are refused until it has passed', async () => {
    const { clock, ask } = setUp({ maxRequestsPerSecondPerKey: 2 })
    for (let count = 0; count < 20; count++) expect(await throttleIn(ask('greedy'))).toBe(0)
    expect(await throttleIn(ask('greedy'))).toBe(500)
    expect(await throttleIn(ask('greedy'))).toBe(1000)
    expect(await throttleIn(ask('greedy'))).toBe(1500)
    const refused = await ask('greedy')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(await problemIn(Promise.resolve(refused))).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      retriable: true,
      outcome: 'failed',
      retryAfterMs: 1500,
      detail: expect.stringContaining('(maxRequestsPerSecondPerKey)') as string,
    })
    expect(await throttleIn(ask('modest'))).toBe(0)
    await clock.advanceAsync(1500)
    expect(await throttleIn(ask('greedy'))).toBe(500)
  })

  it('are counted by time that passes, whatever the time of day', async () => {
    const { clock, ask } = setUp({ maxRequestsPerSecondPerKey: 2 })
    for (let count = 0; count < 23; count++) await ask('greedy')
    clock.adjust(86_400_000)
    expect((await ask('greedy')).status).toBe(429)
    clock.adjust(-2 * 86_400_000)
    await clock.advanceAsync(1000)
    expect((await ask('greedy')).status).toBe(200)
  })

  it('leave heartbeats for longer', async () => {
    const { ask, beat } = setUp({ maxRequestsPerSecondPerKey: 2 })
    for (let count = 0; count < 23; count++) await ask('greedy')
    expect((await ask('greedy')).status).toBe(429)
    for (let count = 0; count < 18; count++) expect((await beat('greedy')).status).toBe(200)
    expect((await beat('greedy')).status).toBe(429)
  })
})

describe('bytes a second of a key', () => {
  const frame = encodeFrame(batchFor('orders')) as Uint8Array<ArrayBuffer>[]
  const body = new Blob(frame)

  it('count as they arrive, in produce', async () => {
    const { post } = setUp({ maxBytesPerSecondPerKey: body.size })
    const write = (key: Key) => post(key, '/v1/produce', body, asFrame)
    let throttleTimeMs = 0
    for (let count = 0; throttleTimeMs === 0; count++) {
      expect(count).toBeLessThan(11)
      throttleTimeMs = await throttleIn(write('greedy'))
    }
    await write('greedy')
    const problem = await problemIn(write('greedy'))
    expect(problem).toMatchObject({ status: 429, retriable: true, outcome: 'failed' })
    expect(problem.detail).toContain('(maxBytesPerSecondPerKey)')
    expect(problem.retryAfterMs).toBeGreaterThan(1000)
    expect((await write('modest')).status).toBe(200)
  })

  it('count when they are sent, in fetch, whose answer says so', async () => {
    const { post, transport, clock } = setUp({ maxBytesPerSecondPerKey: 1000 })
    transport.answer(fetch, () => ({
      throttleTimeMs: 0,
      topics: [{ topic: 'orders', partitions: [partition(15_000)] }],
    }))
    const read = () => post('greedy', '/v1/fetch', JSON.stringify(poll))
    const first = await (await read()).text()
    expect(Number(/"throttleTimeMs":(\d+)/.exec(first)?.[1])).toBeGreaterThanOrEqual(5000)
    expect((await read()).status).toBe(429)
    await clock.advanceAsync(6000)
    expect((await read()).status).toBe(200)
  })

  it('of bodies that never end count too', async () => {
    const { post, ask } = setUp({ maxBytesPerSecondPerKey: 1000 })
    const { body: endless } = bodyOf(12_000)
    void post('greedy', '/v1/admin/list-groups', endless)
    await Promise.resolve()
    await new ManualClock().advanceAsync(1)
    expect((await ask('greedy')).status).toBe(429)
  })
})

const partition = (bytes: number) => ({
  partition: 0,
  errorCode: 0,
  errorMessage: null,
  highWatermark: 0,
  lastStableOffset: 0,
  logStartOffset: 0,
  abortedTransactions: null,
  records: new Uint8Array(bytes),
})

describe('bytes in memory', () => {
  it('are those that have arrived, whatever length is declared', async () => {
    const { post, ask, clock } = setUp({})
    for (let count = 0; count < 32; count++) {
      const declared = { ...asJson, 'content-length': String(8 * 1024 * 1024) }
      void post('greedy', '/v1/admin/list-groups', new ReadableStream(), declared)
    }
    await clock.advanceAsync(1)
    expect((await ask('modest')).status).toBe(200)
    expect((await ask('greedy')).status).toBe(200)
  })

  it('that one key may hold leave room for others', async () => {
    const { post, ask, clock } = setUp({ maxBytesInFlightPerKey: 20_000, maxBytesInFlight: 100_000 })
    for (let count = 0; count < 5; count++) void post('greedy', '/v1/admin/list-groups', bodyOf(5000).body)
    await clock.advanceAsync(1)
    const problem = await problemIn(ask('greedy'))
    expect(problem).toMatchObject({ status: 429, code: 'QUOTA_EXCEEDED', retriable: true, outcome: 'failed' })
    expect(problem.detail).toContain('(maxBytesInFlightPerKey)')
    expect((await ask('modest')).status).toBe(200)
  })

  it('leave a tenth for heartbeats', async () => {
    const { post, ask, beat, clock } = setUp({ maxBytesInFlight: 50_000, maxBytesInFlightPerKey: 100_000 })
    for (let count = 0; count < 10; count++) void post('greedy', '/v1/admin/list-groups', bodyOf(5000).body)
    await clock.advanceAsync(1)
    expect((await ask('modest')).status).toBe(503)
    expect((await beat('modest')).status).toBe(200)
    expect((await beat('greedy')).status).toBe(200)
  })

  it('of a body are free again while its long poll waits', async () => {
    const { post, ask, transport, clock } = setUp({ maxBytesInFlight: 3 * 4096 })
    transport.answer(fetch, (_, options) => untilAborted(options))
    for (let count = 0; count < 10; count++) {
      void post('greedy', '/v1/fetch', JSON.stringify({ ...poll, maxWaitMs: 1000 }))
      await clock.advanceAsync(1)
    }
    expect(transport.sent).toHaveLength(10)
    expect((await ask('modest')).status).toBe(200)
  })
})

describe('a body', () => {
  it('that trickles ends in 408: nothing was carried out', async () => {
    const { post, clock, transport } = setUp({ minBytesPerSecond: 100 })
    const { body, send } = bodyOf(1000)
    const response = post('greedy', '/v1/admin/list-groups', body)
    await clock.advanceAsync('10s')
    send(999)
    await clock.advanceAsync('10s')
    const problem = await problemIn(response)
    expect(problem).toMatchObject({ status: 408, code: 'TIMEOUT', retriable: true, outcome: 'failed' })
    expect(problem.detail).toContain('(minBytesPerSecond)')
    expect(transport.sent).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('that keeps coming has the whole time', async () => {
    const { post, clock } = setUp({ minBytesPerSecond: 100 })
    const { body, send } = bodyOf(1000)
    const response = post('greedy', '/v1/admin/list-groups', body)
    for (let count = 0; count < 2; count++) {
      await clock.advanceAsync('9s')
      send(1000)
      await clock.advanceAsync('1s')
    }
    await clock.advanceAsync('9999ms')
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1)
    expect((await problemIn(response)).detail).toContain('(requestTimeoutMs)')
  })

  it('without a least rate may stand still until then', async () => {
    const { post, clock } = setUp({ minBytesPerSecond: 0 })
    const response = post('greedy', '/v1/admin/list-groups', bodyOf(1).body)
    await clock.advanceAsync('29999ms')
    expect(clock.pendingTimers).toBe(1)
    await clock.advanceAsync(1)
    expect((await problemIn(response)).detail).toContain('(requestTimeoutMs)')
  })
})

it('a heartbeat names 1,500 partitions and more', async () => {
  const { post, transport } = setUp({})
  const names = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ topic: `orders-${index}`, partitions: [0, 1] }))
  const owned = {
    ...heartbeat,
    topicPartitions: names(750),
    subscribedTopicNames: names(750).map(({ topic }) => topic),
  }
  expect((await post('modest', '/v1/groups/heartbeat', JSON.stringify(owned))).status).toBe(200)
  const beats = transport.sent.filter(({ operation }) => operation === consumerGroupHeartbeat.name)
  expect(beats).toMatchObject([{ request: { topicPartitions: owned.topicPartitions } }])
})
