import { capabilities } from '@kafkado/core'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { RawConnection } from '../../test/raw-connection.ts'
import { serve } from './node-server.ts'
import type { RunningServer, ServeOptions } from './serve-options.ts'

const about = { server: 'fake 1', storage: 'memory', operations: [], maxMessageBytes: 1 }
const asking = 'GET /v1 HTTP/1.1\r\nHost: localhost\r\n\r\n'
/** Node's own clock ends connections, up to a second late; without the option it takes 10 and 60 seconds. */
const mostMs = 5000

let server: RunningServer
let connection: RawConnection
afterEach(async () => {
  connection.close()
  await server.close()
})

async function open(options: Partial<ServeOptions> = {}): Promise<void> {
  const transport = new FakeTransport().answer(capabilities, () => about)
  server = await serve({ transport, port: 0, drainTimeout: 0, log: () => undefined, ...options })
  connection = await RawConnection.open(server.port)
}

describe('a connection on which nothing happens', () => {
  it('is closed after keepAliveTimeout, which each answer tells', { timeout: mostMs }, async () => {
    await open({ keepAliveTimeout: '1s' })
    connection.send(asking)
    expect(await connection.answers(1)).toContain('Keep-Alive: timeout=1\r\n')
    await connection.closed
    expect(connection.statuses).toEqual([200])
  })

  it('may stay for 60 s by default', async () => {
    await open()
    connection.send(asking)
    expect(await connection.answers(1)).toContain('Keep-Alive: timeout=60\r\n')
  })

  it.each([
    ['before its first request', ''],
    ['in the middle of its headers', 'GET /v1 HTTP/1.1\r\nHost: local'],
    ['in the middle of its second headers', `${asking}GET /v1 HTTP/1.1\r\nHost: local`],
  ])('is answered 408 after headersTimeout: %s', { timeout: mostMs }, async (_, sent) => {
    await open({ headersTimeout: 100 })
    connection.send(sent)
    await connection.closed
    expect(connection.statuses.at(-1)).toBe(408)
  })

  it('does not wait longer for headers than for the whole request', { timeout: mostMs }, async () => {
    await open({ headersTimeout: '1h', limits: { requestTimeoutMs: 100 } })
    connection.send('GET /v1 HTTP/1.1\r\nHost: local')
    await connection.closed
    expect(connection.statuses).toEqual([408])
  })
})
