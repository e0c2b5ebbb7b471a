import { listGroups } from '@kafkado/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { rawRequest } from '../../test/raw-request.ts'
import { serve } from './node-server.ts'
import type { RunningServer } from './serve-options.ts'

/** Forms of HTTP that proxies and servers understand differently, and methods that are not meant for this server. */

const transport = new FakeTransport().answer(listGroups, () => ({ throttleTimeMs: 0, groups: [] }))
let server: RunningServer

beforeAll(async () => {
  server = await serve({ transport, port: 0, limits: { maxHeaderBytes: 4000 } })
})
afterAll(() => server.close())

const lines = (...given: string[]): string => `${given.join('\r\n')}\r\n\r\n`
const post = 'POST /v1/admin/list-groups HTTP/1.1'
const host = 'Host: localhost'
const json = 'Content-Type: application/json'
const body = '{"statesFilter":[],"typesFilter":[]}'
const length = `Content-Length: ${body.length}`
const chunked = 'Transfer-Encoding: chunked'
const last = 'Connection: close'
const smuggled = lines(post, host, json, length) + body

const refused: [what: string, status: number, ...parts: string[]][] = [
  ['two hosts', 400, lines(post, host, 'Host: 127.0.0.1', json, length, last), body],
  ['the same host twice', 400, lines(post, host, host, json, length, last), body],
  ['two keys', 400, lines(post, host, 'Authorization: Bearer a', 'authorization: Bearer b', json, length, last), body],
  ['two content-types', 400, lines(post, host, json, 'content-type: text/plain', length, last), body],
  ['a length before chunks', 400, lines(post, host, json, length, chunked), `0\r\n\r\n${smuggled}`],
  ['chunks before a length', 400, lines(post, host, json, chunked, length), `0\r\n\r\n${smuggled}`],
  ['chunks twice', 400, lines(post, host, json, chunked, chunked), `0\r\n\r\n${smuggled}`],
  ['chunks of chunks', 400, lines(post, host, json, 'Transfer-Encoding: chunked, chunked'), `0\r\n\r\n${smuggled}`],
  ['chunks that are identity', 400, lines(post, host, json, 'Transfer-Encoding: identity'), `0\r\n\r\n${smuggled}`],
  ['a bare carriage return in a header', 400, lines(post, host, 'X-Bare: a\rContent-Length: 0', json, length), body],
  ['a bare carriage return behind the method', 400, `POST /v1\rHTTP/1.1\r\n${host}\r\n\r\n`, ''],
  ['a bare line feed behind the request line', 400, `${post}\n${host}\n\n`, ''],
  ['a folded host', 400, lines(post, 'Host:\r\n localhost', json, length), body],
  ['a folded length', 400, lines(post, host, json, 'Content-Length:\r\n 36'), body],
  [
    'huge chunk extensions',
    400,
    lines(post, host, json, chunked),
    `24;x=${'y'.repeat(40_000)}\r\n${body}\r\n0\r\n\r\n`,
  ],
  ['a chunk that is longer than it says', 400, lines(post, host, json, chunked), `2\r\n${body}\r\n0\r\n\r\n`],
  ['a chunk size with a sign', 400, lines(post, host, json, chunked), `+24\r\n${body}\r\n0\r\n\r\n`],
  ['huge trailers', 431, lines(post, host, json, chunked), `0\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`],
  ['a target with another host', 404, lines('GET http://attacker.example/livez HTTP/1.1', host, last), ''],
  ['a target without a slash', 400, lines('GET livez HTTP/1.1', host, last), ''],
  ['a target of two slashes', 404, lines('GET //livez HTTP/1.1', host, last), ''],
  ['an encoded slash', 404, lines('GET /%2flivez HTTP/1.1', host, last), ''],
  ['a fragment', 404, lines('GET /livez#/v1 HTTP/1.1', host, last), ''],
  ['OPTIONS *', 404, lines('OPTIONS * HTTP/1.1', host, last), ''],
  ['OPTIONS without an origin', 405, lines('OPTIONS /livez HTTP/1.1', host, last), ''],
  ['TRACE', 405, lines('TRACE /livez HTTP/1.1', host, 'X-Secret: kdo_1', last), ''],
  ['DELETE', 405, lines('DELETE /livez HTTP/1.1', host, last), ''],
  ['HTTP/0.9', 505, 'GET /livez\r\n\r\n', ''],
  ['HTTP/2.0 in words', 505, lines('GET /livez HTTP/2.0', host, last), ''],
  ['the preface of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ''],
  ['HTTP/1.0 without a host', 421, lines('GET /livez HTTP/1.0'), ''],
]

describe('a server on node:http refuses', () => {
  it.each(refused)('%s: %i', async (_, status, ...parts) => {
    const answer = await rawRequest(server.port, ...parts)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    expect(answer).not.toContain('kdo_1')
    expect(transport.sent.splice(0)).toEqual([])
  })

  it('CONNECT by closing', async () => {
    expect(await rawRequest(server.port, lines('CONNECT localhost:22 HTTP/1.1', host))).toBe('')
  })
})

describe('a server on node:http serves', () => {
  it.each([
    ['HTTP/1.0, and closes', lines('GET /livez HTTP/1.0', host)],
    [
      'HTTP/1.1 when another protocol is offered',
      lines('GET /livez HTTP/1.1', host, 'Connection: upgrade, close', 'Upgrade: websocket'),
    ],
    [
      'HTTP/1.1 when HTTP/2 is offered',
      lines('GET /livez HTTP/1.1', host, 'Connection: Upgrade, close', 'Upgrade: h2c'),
    ],
  ])('%s', async (_, ...parts) => {
    const answer = await rawRequest(server.port, ...parts)
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(answer).toContain('{"status":"live"}')
  })
})
