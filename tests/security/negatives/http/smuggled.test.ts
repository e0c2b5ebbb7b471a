import { mine } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { bearer, chunked, head, host, json, lengthOf, request } from '../place/raw-http.ts'

/** Forms of HTTP that a proxy and a server could understand differently. */

const path = '/v1/admin/list-groups'
const post = `POST ${path} HTTP/1.1`
const body = '{"statesFilter":[],"typesFilter":[]}'
const key = bearer()
/** What must never be taken for a request of its own. */
const smuggled = request('/v1/admin/delete-topics', { timeoutMs: 1000, topics: ['mine'] })
const invalid = 'INVALID_REQUEST'
const large = 'MESSAGE_TOO_LARGE'

const lengths: readonly Negative[] = [
  [
    'a length before chunks',
    400,
    invalid,
    head(post, host, key, json, lengthOf(body), chunked) + `0\r\n\r\n${smuggled}`,
  ],
  [
    'chunks before a length',
    400,
    invalid,
    head(post, host, key, json, chunked, lengthOf(body)) + `0\r\n\r\n${smuggled}`,
  ],
  [
    'two lengths',
    400,
    invalid,
    head(post, host, key, json, 'Content-Length: 2', 'Content-Length: 400') + `{}${smuggled}`,
  ],
  ['the same length twice', 400, invalid, head(post, host, key, json, lengthOf(body), lengthOf(body)) + body],
  ['a list of lengths', 400, invalid, head(post, host, key, json, 'Content-Length: 2, 400') + `{}${smuggled}`],
  ['a negative length', 400, invalid, head(post, host, key, json, 'Content-Length: -1') + body],
  ['a length with a sign', 400, invalid, head(post, host, key, json, 'Content-Length: +36') + body],
  ['a hexadecimal length', 400, invalid, head(post, host, key, json, 'Content-Length: 0x24') + body],
  ['a length with a fraction', 400, invalid, head(post, host, key, json, 'Content-Length: 36.0') + body],
  ['a length in exponents', 400, invalid, head(post, host, key, json, 'Content-Length: 3e1') + body],
  ['a length without end', 400, invalid, head(post, host, key, json, `Content-Length: ${'9'.repeat(30)}`) + body],
  ['a length of nothing', 400, invalid, head(post, host, key, json, 'Content-Length: ') + body],
  ['a length with a word behind it', 400, invalid, head(post, host, key, json, 'Content-Length: 36 bytes') + body],
  ['a length in other digits', 400, invalid, head(post, host, key, json, 'Content-Length: \xb3\xb6') + body],
  ['a folded length', 400, invalid, head(post, host, key, json, 'Content-Length:\r\n 36') + body],
  ['a length behind a space', 400, invalid, head(post, host, key, json, 'Content-Length : 36') + body],
  ['a length behind a tab', 400, invalid, head(post, host, key, json, 'Content-Length\t: 36') + body],
  [
    'a length behind a bare line feed',
    400,
    invalid,
    head(post, host, key, json, 'X-Bare: a\nContent-Length: 0') + body,
  ],
  [
    'a length behind a bare carriage return',
    400,
    invalid,
    head(post, host, key, json, 'X-Bare: a\rContent-Length: 0') + body,
  ],
]

const chunks: readonly Negative[] = [
  [
    'of a hidden kind',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding: xchunked') + `0\r\n\r\n${smuggled}`,
  ],
  ['twice', 400, invalid, head(post, host, key, json, chunked, chunked) + `0\r\n\r\n${smuggled}`],
  [
    'of chunks',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding: chunked, chunked') + `0\r\n\r\n${smuggled}`,
  ],
  [
    'before another kind',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding: chunked, identity') + `0\r\n\r\n${smuggled}`,
  ],
  [
    'that are identity',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding: identity') + `0\r\n\r\n${smuggled}`,
  ],
  [
    'behind a vertical tab',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding: \x0bchunked') + `0\r\n\r\n${smuggled}`,
  ],
  [
    'behind a space before the colon',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding : chunked') + `0\r\n\r\n${smuggled}`,
  ],
  [
    'in a folded line',
    400,
    invalid,
    head(post, host, key, json, 'Transfer-Encoding:\r\n chunked') + `0\r\n\r\n${smuggled}`,
  ],
  ['without a size', 400, invalid, head(post, host, key, json, chunked) + `\r\n${body}\r\n0\r\n\r\n`],
  ['of a size that is none', 400, invalid, head(post, host, key, json, chunked) + 'zz\r\n{}\r\n0\r\n\r\n'],
  ['of a size with a sign', 400, invalid, head(post, host, key, json, chunked) + `+24\r\n${body}\r\n0\r\n\r\n`],
  ['of a negative size', 400, invalid, head(post, host, key, json, chunked) + `-24\r\n${body}\r\n0\r\n\r\n`],
  ['of a size with a prefix', 400, invalid, head(post, host, key, json, chunked) + `0x24\r\n${body}\r\n0\r\n\r\n`],
  [
    'of a size beyond 64 bits',
    400,
    invalid,
    head(post, host, key, json, chunked) + `${'f'.repeat(17)}\r\n${body}\r\n0\r\n\r\n`,
  ],
  ['longer than they say', 400, invalid, head(post, host, key, json, chunked) + `2\r\n${body}\r\n0\r\n\r\n`],
  [
    'with huge extensions',
    400,
    invalid,
    head(post, host, key, json, chunked) + `24;x=${'y'.repeat(40_000)}\r\n${body}\r\n0\r\n\r\n`,
  ],
  ['with huge trailers', 431, invalid, head(post, host, key, json, chunked) + `0\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`],
  [
    'that become too large',
    413,
    large,
    head(post, host, key, json, chunked) + `20000\r\n${'x'.repeat(131_072)}\r\n0\r\n\r\n`,
  ],
]

const lines: readonly Negative[] = [
  ['two hosts', 400, invalid, head(post, host, 'Host: 127.0.0.1', key, json, lengthOf(body)) + body],
  ['the same host twice', 400, invalid, head(post, host, host, key, json, lengthOf(body)) + body],
  ['no host', 400, invalid, head(post, key, json, lengthOf(body)) + body],
  ['two content-types', 400, invalid, head(post, host, key, json, 'content-type: text/plain', lengthOf(body)) + body],
  ['a folded header', 400, invalid, head(post, host, key, 'X-Folded: a\r\n b', json, lengthOf(body)) + body],
  ['a NUL in a header', 400, invalid, head(post, host, key, 'X-Null: a\0b', json, lengthOf(body)) + body],
  ['a header without a colon', 400, invalid, head(post, host, key, 'X-None', json, lengthOf(body)) + body],
  ['a header without a name', 400, invalid, head(post, host, key, ': value', json, lengthOf(body)) + body],
  ['a header whose name has a space', 400, invalid, head(post, host, key, 'X Y: 1', json, lengthOf(body)) + body],
  ['headers behind bare line feeds', 400, invalid, `${post}\n${host}\n${key}\n\n`],
  ['a bare carriage return behind the method', 400, invalid, `POST ${path}\rHTTP/1.1\r\n${host}\r\n\r\n`],
  ['a tab before the path', 400, invalid, head(`POST\t${path} HTTP/1.1`, host, key)],
  ['a line that begins with a space', 400, invalid, ` ${head(post, host, key)}`],
  ['a path with a space', 400, invalid, head('GET /livez x HTTP/1.1', host)],
  ['a method that is none', 400, invalid, head('PWN / HTTP/1.1', host)],
  ['a method in lower case', 400, invalid, head('get /livez HTTP/1.1', host)],
  ['a version that is none', 505, invalid, head('GET /livez HTTP/2.0', host)],
  ['a version of 0.9', 505, invalid, 'GET /livez\r\n\r\n'],
  ['the preface of HTTP/2', 400, invalid, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a greeting of TLS', 400, invalid, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a message of Kafka', 400, invalid, '\0\0\0\x1a\0\x12\0\x03\0\0\0\x01\0\x08kafka-cli'],
  ['a message of SSH', 400, invalid, 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['headers that are too large', 431, invalid, head(post, host, key, `X-Filler: ${'x'.repeat(9000)}`, json)],
  [
    'very many headers',
    431,
    invalid,
    head(post, host, key, ...Array.from({ length: 1500 }, (_, index) => `X-${index}: 1`)),
  ],
]

/** Behind a whole request: it gets its answer, and what follows is refused or unread. */
const behind =
  (garbage: string): Negative[3] =>
  (place) =>
    place.ask(request(path, { statesFilter: [], typesFilter: [] }) + garbage, 2)

negatives('a length is refused that is', lengths)
negatives('chunks are refused', chunks)
negatives('a request is refused that has', lines)
negatives('behind a request is refused', [
  ['what is no request', 400, invalid, behind('GARBAGE\r\n\r\n')],
  ['a NUL', 400, invalid, behind('\0\0\0\0\r\n\r\n')],
  ['half of a request line', 505, invalid, behind('POST /v1/admin/delete\r\n\r\n')],
  ['a request of another key', 401, 'SASL_AUTHENTICATION_FAILED', behind(smuggled.replace(mine.secret, 'kdo_nobody'))],
  [
    'a request without a key, though the one before had it',
    401,
    'SASL_AUTHENTICATION_FAILED',
    behind(request('/v1/admin/delete-topics', { timeoutMs: 1, topics: ['mine'] }, { key: null })),
  ],
])
