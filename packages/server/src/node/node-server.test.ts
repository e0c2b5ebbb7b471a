import { connect } from 'node:net'
import { capabilities, fetch, http, listGroups, metadata, systemRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeTransport, untilAborted } from '../../test/fake-transport.ts'
import { rawRequest } from '../../test/raw-request.ts'
import type { LogEntry } from '../log.ts'
import { serve } from './node-server.ts'
import type { RunningServer, ServeOptions } from './serve-options.ts'

const about = { server: 'fake 1', storage: 'memory', operations: ['produce'], maxMessageBytes: 1_048_588 }
const toldLimits = { maxPartitions: 1000, maxBodyBytes: 8_388_608 }
const ask = { statesFilter: [], typesFilter: [] }
const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

async function start(transport: FakeTransport, options: Partial<ServeOptions> = {}) {
  const logged: LogEntry[] = []
  const log = (entry: LogEntry): void => {
    if (entry.level !== 'info') logged.push(entry)
  }
  const server = await serve({ transport, port: 0, log, ...options })
  const client = http({ url: server.url, retries: 0 })
  opened.push(client, server)
  return { server, client, logged }
}

/** The transport, and a promise that resolves when its first request has arrived. */
function waitingTransport() {
  let arrived = (): void => undefined
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const transport = new FakeTransport()
    .answer(fetch, (_, options) => (arrived(), untilAborted(options)))
    .answer(listGroups, (_, options) => (arrived(), untilAborted(options)))
  return { transport, arrival }
}

const poll = { maxWaitMs: 20_000, minBytes: 1, maxBytes: 1, isolationLevel: 'read_committed' as const, topics: [] }

describe('a server on node:http', () => {
  it('answers, and tells errors', async () => {
    const { client } = await start(new FakeTransport().answer(capabilities, () => about))
    expect(await client.send(capabilities, {})).toEqual({ ...about, limits: toldLimits })
    const unanswered = client.send(metadata, { topics: null, allowAutoTopicCreation: false })
    await expect(unanswered).rejects.toMatchObject({ kafkaName: 'UNSUPPORTED_VERSION', retriable: false })
  })

  it('answers an error that is no KafkaError without its detail, and logs it', async () => {
    const secret = new Error('connection string is postgres://root:hunter2@db')
    const { client, logged } = await start(new FakeTransport().answer(listGroups, () => Promise.reject(secret)))
    const error = (await client.send(listGroups, ask).catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR', outcome: 'unknown', retriable: false })
    expect(error.message).not.toContain('hunter2')
    expect(logged).toMatchObject([{ level: 'error', error: secret }])
    expect(error.message).toContain(logged[0]?.requestId)
  })

  it('frees what waits in the transport when the client hangs up', async () => {
    const { transport, arrival } = waitingTransport()
    const { client, logged } = await start(transport)
    const abort = new AbortController()
    const outcome = client.send(fetch, poll, { signal: abort.signal }).catch((error: unknown) => error)
    await arrival
    const { signal } = transport.sent[0]?.options ?? {}
    const freed = new Promise((resolve) => signal?.addEventListener('abort', resolve))
    abort.abort(new Error('enough'))
    expect(await outcome).toMatchObject({ message: 'enough' })
    await freed
    expect(logged).toEqual([])
  })
})

describe('close()', () => {
  it('ends long polls at once with an error that may be tried again', async () => {
    const { transport, arrival } = waitingTransport()
    const { server, client } = await start(transport)
    const outcome = client.send(fetch, poll).catch((error: unknown) => error)
    await arrival
    await server.close()
    expect(await outcome).toMatchObject({ code: 'SERVER_CLOSING', retriable: true, outcome: 'failed' })
    await expect(client.send(listGroups, ask)).rejects.toMatchObject({ code: 'DISCONNECTED', outcome: 'failed' })
  })

  it('lets what is under way be answered', async () => {
    let answer = (): void => undefined
    const arrival = new Promise<void>((arrived) => {
      answer = arrived
    })
    const groups = { throttleTimeMs: 0, groups: [] }
    let finish: (value: typeof groups) => void = () => undefined
    const transport = new FakeTransport().answer(
      listGroups,
      () =>
        new Promise((resolve) => {
          finish = resolve
          answer()
        }),
    )
    const { server, client } = await start(transport)
    const outcome = client.send(listGroups, ask)
    await arrival
    const closed = server.close()
    finish(groups)
    expect(await outcome).toEqual(groups)
    await closed
  })

  it('waits no longer than the drain timeout', async () => {
    const clock = new ManualClock()
    const { transport, arrival } = waitingTransport()
    const { server, client } = await start(transport, { drainTimeout: '3s', runtime: { clock, random: systemRandom } })
    const outcome = client.send(listGroups, ask).catch((error: unknown) => error)
    await arrival
    const closed = server.close()
    await clock.advanceAsync('3s')
    await closed
    expect(await outcome).toMatchObject({ code: 'DISCONNECTED', outcome: 'unknown' })
  })

  it('does not wait for sockets that are idle, half open or in the middle of a header', async () => {
    const { server, client } = await start(new FakeTransport().answer(capabilities, () => about))
    await client.send(capabilities, {})
    const idle = connect(server.port, '127.0.0.1')
    const halfway = connect(server.port, '127.0.0.1', () => halfway.write('POST /v1/metadata HT'))
    const ended = [idle, halfway].map(
      (socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve)),
    )
    await Promise.all([idle, halfway].map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    await server.close()
    await server.close()
    await Promise.all(ended)
  })
})

describe('listening', () => {
  it.each(['0.0.0.0', '::', '192.168.1.1', 'example.com'])('without keys is refused on %s', async (host) => {
    await expect(serve({ transport: new FakeTransport(), host, port: 0 })).rejects.toThrow(
      /does not listen on .* without|give it keys/,
    )
  })

  it('beyond this machine is permitted when it is meant', async () => {
    const { server } = await start(new FakeTransport(), { host: '0.0.0.0', insecure: true })
    expect(
      await rawRequest(server.port, 'GET /livez HTTP/1.1\r\nhost: my-server\r\nconnection: close\r\n\r\n'),
    ).toContain('200 OK')
  })

  it('on a port that is taken says so', async () => {
    const { server } = await start(new FakeTransport())
    const second: Promise<RunningServer> = serve({ transport: new FakeTransport(), port: server.port })
    await expect(second).rejects.toThrow(
      `cannot listen on 127.0.0.1 port ${server.port}: another program listens there`,
    )
  })
})
