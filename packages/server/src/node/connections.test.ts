import { fetch, listGroups, systemRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeTransport, untilAborted } from '../../test/fake-transport.ts'
import { RawConnection, rawPost } from '../../test/raw-connection.ts'
import type { Limits } from '../call/limits.ts'
import { serve } from './node-server.ts'
import type { RunningServer } from './serve-options.ts'

/** What connections may hold, and what becomes of them. */

const opened: { close(): unknown }[] = []
const groups = { throttleTimeMs: 0, groups: [] }
const ask = rawPost('/v1/admin/list-groups', '{"statesFilter":[],"typesFilter":[]}')
const poll = rawPost(
  '/v1/fetch',
  '{"maxWaitMs":20000,"minBytes":1,"maxBytes":100000000,"isolationLevel":"read_committed","topics":[]}',
)

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

async function start(transport: FakeTransport, limits: Partial<Limits> = {}) {
  const clock = new ManualClock()
  const server = await serve({ transport, port: 0, limits, runtime: { clock, random: systemRandom }, drainTimeout: 0 })
  opened.push(server)
  return { server, clock }
}

async function connectTo({ port }: RunningServer): Promise<RawConnection> {
  const connection = await RawConnection.open(port)
  opened.push(connection)
  return connection
}

/** A transport whose groups are told when the test says so. */
function heldTransport() {
  const finish: (() => void)[] = []
  let arrived = (): void => undefined
  const transport = new FakeTransport().answer(listGroups, () => {
    arrived()
    return new Promise((resolve) => finish.push(() => resolve(groups)))
  })
  const arrival = (count: number): Promise<void> =>
    new Promise((resolve) => {
      arrived = () => {
        if (transport.sent.length >= count) resolve()
      }
      arrived()
    })
  return { transport, finish, arrival }
}

const answered = (batches: Uint8Array[]) => ({
  throttleTimeMs: 0,
  topics: [
    {
      topic: 'orders',
      partitions: batches.map((records, partition) => ({
        partition,
        errorCode: 0,
        errorMessage: null,
        highWatermark: 0,
        lastStableOffset: 0,
        logStartOffset: 0,
        abortedTransactions: null,
        records,
      })),
    },
  ],
})

describe('bytes that are no request', () => {
  it.each([
    ['behind a request', 'GARBAGE\r\n\r\n'],
    ['with a NUL', '\0\0\0\0\r\n\r\n'],
  ])('%s do not take its answer', async (_, garbage) => {
    const { transport, finish, arrival } = heldTransport()
    const { server } = await start(transport)
    const connection = await connectTo(server)
    connection.send(ask, garbage)
    await arrival(1)
    // A second connection shows that the server has read the garbage by now.
    const other = await connectTo(server)
    other.send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await other.answers(1)
    expect(connection.statuses).toEqual([])
    finish[0]?.()
    await connection.closed
    expect(connection.statuses).toEqual([200, 400])
    expect(connection.received).toContain('"groups":[]')
  })

  it('in a body are the fault of that request, and answered after those before it', async () => {
    const { transport, finish, arrival } = heldTransport()
    const { server } = await start(transport)
    const connection = await connectTo(server)
    const head = 'POST /v1/admin/list-groups HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    connection.send(ask, `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`)
    await arrival(1)
    finish[0]?.()
    await connection.closed
    expect(connection.statuses).toEqual([200, 400])
    expect(transport.sent).toHaveLength(1)
  })
})

describe('requests behind each other on a connection', () => {
  it('are refused beyond maxRequestsPerConnection, and answered in their order', async () => {
    const { transport, finish, arrival } = heldTransport()
    const { server } = await start(transport, { maxRequestsPerConnection: 2 })
    const connection = await connectTo(server)
    connection.send(ask.repeat(3))
    await arrival(2)
    for (const one of finish) one()
    expect(await connection.answers(3)).toContain('(maxRequestsPerConnection)')
    expect(connection.statuses).toEqual([200, 200, 429])
    connection.send(ask)
    await arrival(3)
    finish[2]?.()
    await connection.answers(4)
    expect(connection.statuses).toEqual([200, 200, 429, 200])
  })

  it('are all freed when it goes', async () => {
    const freed: Promise<unknown>[] = []
    let arrived = (): void => undefined
    const arrival = new Promise<void>((resolve) => (arrived = resolve))
    const transport = new FakeTransport().answer(fetch, (_, options) => {
      freed.push(new Promise((resolve) => options.signal?.addEventListener('abort', resolve)))
      if (freed.length === 3) arrived()
      return untilAborted(options)
    })
    const { server, clock } = await start(transport, { maxLongPollsPerKey: 3 })
    const connection = await connectTo(server)
    connection.send(poll.repeat(3))
    await arrival
    connection.close()
    await Promise.all(freed)
    // They count no longer, and close() has nothing to wait for.
    transport.answer(fetch, () => answered([]))
    const next = await connectTo(server)
    next.send(poll.repeat(3))
    await next.answers(3)
    expect(next.statuses).toEqual([200, 200, 200])
    next.close()
    await server.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('connections', () => {
  it.each([
    ['maxConnections', 503, { maxConnections: 10, maxConnectionsPerAddress: 20 }],
    ['maxConnectionsPerAddress', 429, { maxConnections: 20, maxConnectionsPerAddress: 10 }],
  ])('beyond %s are told why, and end: %i', async (option, status, limits) => {
    const { server, clock } = await start(
      new FakeTransport().answer(listGroups, () => groups),
      limits,
    )
    const first = await connectTo(server)
    for (let count = 1; count < 10; count++) await connectTo(server)
    first.send(ask)
    await first.answers(1)
    const eleventh = await connectTo(server)
    eleventh.send(ask)
    await eleventh.closed
    expect(eleventh.statuses).toEqual([status])
    expect(eleventh.received).toContain(`(${option})`)
    // One that says nothing is closed after a moment, and the others are served.
    const silent = await connectTo(server)
    first.send(ask)
    await first.answers(2)
    clock.advance(1000)
    await silent.closed
    expect(silent.received).toBe('')
    // One that goes makes room.
    first.close()
    let isServed = false
    while (!isServed) {
      const next = await connectTo(server)
      next.send(ask)
      await next.answers(1)
      isServed = next.statuses[0] === 200
    }
  })
})

describe('an answer that nobody reads', () => {
  const large = [new Uint8Array(16_000_000)]

  it('is dropped after a while, with its connection, and its bytes no longer count', async () => {
    const transport = new FakeTransport().answer(fetch, () => answered(large))
    const { server, clock } = await start(transport, { maxBytesInFlight: 20_000_000 })
    const deaf = await connectTo(server)
    deaf.send(poll)
    await deaf.answers(1)
    deaf.socket.pause()
    const other = await connectTo(server)
    // What is held leaves no room for another one of that size, and a fetch asks for no more than what is left.
    other.send(poll)
    await other.answers(1)
    expect(other.statuses).toEqual([503])
    expect(other.received).toContain('(maxBytesInFlight)')
    // It took some slices at first, so the clock has to pass the time for one slice twice.
    clock.advance('32s')
    deaf.socket.resume()
    await deaf.closed
    expect(deaf.received.length).toBeLessThan(16_000_000)
    other.send(poll)
    await other.until(() => other.received.length > 16_000_000)
    expect(transport.sent.at(-1)?.request).toMatchObject({ maxBytes: 16 * 1024 * 1024 })
  })

  it('counts against its connection', async () => {
    const transport = new FakeTransport().answer(fetch, () => answered(large))
    const { server } = await start(transport, { maxBytesPerConnection: 20_000_000 })
    const deaf = await connectTo(server)
    deaf.socket.pause()
    deaf.send(poll.repeat(2))
    const other = await connectTo(server)
    other.send(poll)
    await other.until(() => other.received.length > 16_000_000)
    deaf.socket.resume()
    await deaf.answers(2)
    expect(deaf.statuses).toEqual([200, 429])
    expect(deaf.received).toContain('(maxBytesPerConnection)')
  })

  it('is read to its end by a client that takes its time', async () => {
    const transport = new FakeTransport().answer(fetch, () => answered([large[0] as Uint8Array, new Uint8Array(3)]))
    const { server, clock } = await start(transport)
    const slow = await connectTo(server)
    slow.send(poll)
    await slow.answers(1)
    while (slow.received.length < 15_000_000) {
      const before = slow.received.length
      await slow.until(() => slow.received.length > before + 1_000_000)
      clock.advance('2s')
    }
    await slow.until(() => slow.received.length > 16_000_003)
    expect(slow.statuses).toEqual([200])
  })
})
