import { listGroups } from '@kafkado/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { rawRequest } from '../../test/raw-request.ts'
import { serve } from './node-server.ts'
import type { RunningServer } from './serve-options.ts'

/** Requests that only a socket can send: the server refuses or ends each one, and none gets to the transport. */

const transport = new FakeTransport().answer(listGroups, () => ({ throttleTimeMs: 0, groups: [] }))
let server: RunningServer

beforeAll(async () => {
  server = await serve({ transport, port: 0, limits: { maxBodyBytes: 1000, maxHeaderBytes: 2000 } })
})
afterAll(() => server.close())

const lines = (...given: string[]): string => `${given.join('\r\n')}\r\n\r\n`
const post = 'POST /v1/admin/list-groups HTTP/1.1'
const host = 'Host: localhost'
const json = 'Content-Type: application/json'
const body = '{"statesFilter":[],"typesFilter":[]}'
const smuggled = lines('POST /v1/admin/delete-groups HTTP/1.1', host, json, 'Content-Length: 2') + '{}'

const refused: [what: string, status: number, ...parts: string[]][] = [
  [
    'content-length and chunks at once',
    400,
    lines(post, host, json, 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    `0\r\n\r\n${smuggled}`,
  ],
  ['two content-lengths', 400, lines(post, host, json, 'Content-Length: 2', 'Content-Length: 40'), `{}${smuggled}`],
  ['a list of content-lengths', 400, lines(post, host, json, 'Content-Length: 2, 40'), `{}${smuggled}`],
  ['a negative content-length', 400, lines(post, host, json, 'Content-Length: -1'), body],
  ['a content-length with a sign', 400, lines(post, host, json, 'Content-Length: +36'), body],
  ['a hexadecimal content-length', 400, lines(post, host, json, 'Content-Length: 0x24'), body],
  ['a content-length without end', 400, lines(post, host, json, `Content-Length: ${'9'.repeat(30)}`), body],
  [
    'a transfer-encoding that hides chunks',
    400,
    lines(post, host, json, 'Transfer-Encoding: xchunked'),
    `0\r\n\r\n${smuggled}`,
  ],
  ['a space before the colon', 400, lines(post, host, json, 'Content-Length : 36'), body],
  ['a folded header', 400, lines(post, host, 'X-Folded: a\r\n b', json, 'Content-Length: 36'), body],
  ['a bare line feed in a header', 400, lines(post, host, 'X-Bare: a\nContent-Length: 0', json), body],
  ['a NUL in a header', 400, lines(post, host, 'X-Null: a\0b', json, 'Content-Length: 36'), body],
  ['a chunk size that is none', 400, lines(post, host, json, 'Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'],
  ['no host', 400, lines(post, json, 'Content-Length: 36', 'Connection: close'), body],
  [
    'another name for this machine',
    421,
    lines(post, 'Host: attacker.example', json, 'Content-Length: 36', 'Connection: close'),
    body,
  ],
  [
    'a name that begins like this machine',
    421,
    lines(post, 'Host: localhost.attacker.example', json, 'Content-Length: 36', 'Connection: close'),
    body,
  ],
  ['a method that is none', 400, lines('PWN / HTTP/1.1', host), ''],
  ['no HTTP at all', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc', ''],
  ['headers that are too large', 431, lines(post, host, `X-Filler: ${'x'.repeat(3000)}`, json), body],
  [
    'a traversal that nothing normalises',
    404,
    lines('POST /v1/../../etc/passwd HTTP/1.1', host, 'Connection: close'),
    '',
  ],
  ['a target with a scheme', 404, lines('GET http://localhost/v1 HTTP/1.1', host, 'Connection: close'), ''],
  ['a body that says it is too large', 413, lines(post, host, json, 'Content-Length: 5000'), 'x'.repeat(5000)],
  [
    'chunks that become too large',
    413,
    lines(post, host, json, 'Transfer-Encoding: chunked'),
    `7d0\r\n${'x'.repeat(2000)}\r\n0\r\n\r\n`,
  ],
  [
    'too much announced, and waiting for permission',
    413,
    lines(post, host, json, 'Content-Length: 5000', 'Expect: 100-continue'),
    '',
  ],
]

describe('a server on node:http refuses', () => {
  it.each(refused)('%s: %i', async (_, status, ...parts) => {
    const answer = await rawRequest(server.port, ...parts)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(transport.sent).toEqual([])
  })
})

describe('a server on node:http takes', () => {
  it.each([
    [
      'a body in chunks',
      lines(post, host, json, 'Transfer-Encoding: chunked', 'Connection: close'),
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ],
    [
      'a body after 100 Continue',
      lines(post, host, json, `Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close'),
      body,
    ],
    [
      'the machine by its address',
      lines(post, 'Host: 127.0.0.1:8080', json, `Content-Length: ${body.length}`, 'Connection: close'),
      body,
    ],
  ])('%s', async (_, ...parts) => {
    expect(await rawRequest(server.port, ...parts)).toContain('HTTP/1.1 200 OK')
    expect(transport.sent.splice(0)).toHaveLength(1)
  })

  it('HEAD where it takes GET, and answers without a body', async () => {
    const answer = await rawRequest(server.port, lines('HEAD /livez HTTP/1.1', host, 'Connection: close'))
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\n$/)
  })
})
