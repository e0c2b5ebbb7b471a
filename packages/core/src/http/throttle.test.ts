import { describe, expect, it } from 'vitest'
import { consumerGroupHeartbeat, listGroups } from '../protocol/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { http } from './http-transport.ts'

const ask = { statesFilter: [], typesFilter: [] }
const beat = {
  groupId: 'g',
  memberId: 'm',
  memberEpoch: 1,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 1000,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
}

/** A transport to a server whose answers ask for these pauses, one after the other, and when each request came. */
function setUp(...pausesMs: readonly number[]) {
  const clock = new ManualClock()
  const beganMs = clock.monotonic()
  const cameMs: number[] = []
  const answer = (url: string): object => {
    const throttleTimeMs = pausesMs[cameMs.length] ?? 0
    cameMs.push(clock.monotonic() - beganMs)
    const beaten = { throttleTimeMs, memberId: 'm', memberEpoch: 1, heartbeatIntervalMs: 1, assignment: null }
    return url.endsWith('heartbeat') ? beaten : { throttleTimeMs, groups: [] }
  }
  const transport = http({
    url: 'http://server.test',
    fetch: (url) => Promise.resolve(Response.json(answer(url))),
    retries: 0,
    runtime: { clock, random: { next: () => 0, uuid: () => '' } },
  })
  return { transport, clock, cameMs }
}

const send = (transport: Transport, options: SendOptions = {}) => transport.send(listGroups, ask, options)
const failure = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    () => 'sent',
    (error: unknown) => error,
  )

describe('a server that asks for a pause', () => {
  it('gets the next requests after it, all of them, and those after these at once', async () => {
    const { transport, clock, cameMs } = setUp(500)
    expect(await send(transport)).toMatchObject({ throttleTimeMs: 500 })
    const next = [send(transport), send(transport)]
    await clock.advanceAsync(499)
    expect(cameMs).toEqual([0])
    await clock.advanceAsync(1)
    await Promise.all(next)
    await send(transport)
    expect(cameMs).toEqual([0, 500, 500, 500])
    expect(clock.pendingTimers).toBe(0)
  })

  it('gets them later when another answer asks for a longer one', async () => {
    const { transport, clock, cameMs } = setUp(500, 800)
    await send(transport)
    const next = send(transport)
    await transport.send(consumerGroupHeartbeat, beat)
    await clock.advanceAsync(700)
    expect(cameMs).toEqual([0, 0])
    await clock.advanceAsync(100)
    await next
    expect(cameMs).toEqual([0, 0, 800])
  })

  it('gets heartbeats, whose member would lose its partitions, and what a page sends as it goes, at once', async () => {
    const { transport, cameMs } = setUp(60_000)
    await send(transport)
    await transport.send(consumerGroupHeartbeat, beat)
    await send(transport, { keepalive: true })
    expect(cameMs).toEqual([0, 0, 0])
  })

  it('does not get a request that has less time than that: it fails, and was not sent', async () => {
    const { transport, cameMs } = setUp(500)
    await send(transport)
    expect(await failure(send(transport, { timeoutMs: 400 }))).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      outcome: 'failed',
      retriable: true,
      retryAfterMs: 500,
    })
    expect(cameMs).toEqual([0])
  })

  it.each(['close', 'abort'] as const)('does not hold up a %s', async (how) => {
    const { transport, clock, cameMs } = setUp(500)
    await send(transport)
    const abort = new AbortController()
    const sent = failure(send(transport, { signal: abort.signal }))
    await clock.advanceAsync(100)
    if (how === 'close') await transport.close()
    else abort.abort()
    expect(await sent).toBeInstanceOf(Error)
    expect([cameMs, clock.pendingTimers]).toEqual([[0], 0])
  })
})
