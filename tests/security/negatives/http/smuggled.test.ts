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
const endOfChunks = '0\r\n\r\n'
const invalid = 'INVALID_REQUEST'
const large = 'MESSAGE_TOO_LARGE'

const refused = (what: string, sent: string): Negative => [what, 400, invalid, sent]
/** A request up to its body, with these headers beside those that it needs. */
const posted = (...headers: readonly string[]): string => head(post, host, key, json, ...headers)

const lengths: readonly Negative[] = [
  refused('a length before chunks', posted(lengthOf(body), chunked) + endOfChunks + smuggled),
  refused('chunks before a length', posted(chunked, lengthOf(body)) + endOfChunks + smuggled),
  refused('two lengths', posted('Content-Length: 2', 'Content-Length: 400') + `{}${smuggled}`),
  refused('the same length twice', posted(lengthOf(body), lengthOf(body)) + body),
  refused('a list of lengths', posted('Content-Length: 2, 400') + `{}${smuggled}`),
  refused('a negative length', posted('Content-Length: -1') + body),
  refused('a length with a sign', posted('Content-Length: +36') + body),
  refused('a hexadecimal length', posted('Content-Length: 0x24') + body),
  refused('a length with a fraction', posted('Content-Length: 36.0') + body),
  refused('a length in exponents', posted('Content-Length: 3e1') + body),
  refused('a length without end', posted(`Content-Length: ${'9'.repeat(30)}`) + body),
  refused('a length of nothing', posted('Content-Length: ') + body),
  refused('a length with a word behind it', posted('Content-Length: 36 bytes') + body),
  refused('a length in other digits', posted('Content-Length: \xb3\xb6') + body),
  refused('a folded length', posted('Content-Length:\r\n 36') + body),
  refused('a length behind a space', posted('Content-Length : 36') + body),
  refused('a length behind a tab', posted('Content-Length\t: 36') + body),
  refused('a length behind a bare line feed', posted('X-Bare: a\nContent-Length: 0') + body),
  refused('a length behind a bare carriage return', posted('X-Bare: a\rContent-Length: 0') + body),
]

const chunks: readonly Negative[] = [
  refused('of a hidden kind', posted('Transfer-Encoding: xchunked') + endOfChunks + smuggled),
  refused('twice', posted(chunked, chunked) + endOfChunks + smuggled),
  refused('of chunks', posted('Transfer-Encoding: chunked, chunked') + endOfChunks + smuggled),
  refused('before another kind', posted('Transfer-Encoding: chunked, identity') + endOfChunks + smuggled),
  refused('that are identity', posted('Transfer-Encoding: identity') + endOfChunks + smuggled),
  refused('behind a vertical tab', posted('Transfer-Encoding: \x0bchunked') + endOfChunks + smuggled),
  refused('behind a space before the colon', posted('Transfer-Encoding : chunked') + endOfChunks + smuggled),
  refused('in a folded line', posted('Transfer-Encoding:\r\n chunked') + endOfChunks + smuggled),
  refused('without a size', posted(chunked) + `\r\n${body}\r\n${endOfChunks}`),
  refused('of a size that is none', posted(chunked) + `zz\r\n{}\r\n${endOfChunks}`),
  refused('of a size with a sign', posted(chunked) + `+24\r\n${body}\r\n${endOfChunks}`),
  refused('of a negative size', posted(chunked) + `-24\r\n${body}\r\n${endOfChunks}`),
  refused('of a size with a prefix', posted(chunked) + `0x24\r\n${body}\r\n${endOfChunks}`),
  refused('of a size beyond 64 bits', posted(chunked) + `${'f'.repeat(17)}\r\n${body}\r\n${endOfChunks}`),
  refused('longer than they say', posted(chunked) + `2\r\n${body}\r\n${endOfChunks}`),
  refused('with huge extensions', posted(chunked) + `24;x=${'y'.repeat(40_000)}\r\n${body}\r\n${endOfChunks}`),
  ['with huge trailers', 431, invalid, posted(chunked) + `0\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`],
  ['that become too large', 413, large, posted(chunked) + `20000\r\n${'x'.repeat(131_072)}\r\n${endOfChunks}`],
]

const lines: readonly Negative[] = [
  refused('two hosts', head(post, host, 'Host: 127.0.0.1', key, json, lengthOf(body)) + body),
  refused('the same host twice', head(post, host, host, key, json, lengthOf(body)) + body),
  refused('no host', head(post, key, json, lengthOf(body)) + body),
  refused('two content-types', posted('content-type: text/plain', lengthOf(body)) + body),
  refused('a folded header', head(post, host, key, 'X-Folded: a\r\n b', json, lengthOf(body)) + body),
  refused('a NUL in a header', head(post, host, key, 'X-Null: a\0b', json, lengthOf(body)) + body),
  refused('a header without a colon', head(post, host, key, 'X-None', json, lengthOf(body)) + body),
  refused('a header without a name', head(post, host, key, ': value', json, lengthOf(body)) + body),
  refused('a header whose name has a space', head(post, host, key, 'X Y: 1', json, lengthOf(body)) + body),
  refused('headers behind bare line feeds', `${post}\n${host}\n${key}\n\n`),
  refused('a bare carriage return behind the method', `POST ${path}\rHTTP/1.1\r\n${host}\r\n\r\n`),
  refused('a tab before the path', head(`POST\t${path} HTTP/1.1`, host, key)),
  refused('a line that begins with a space', ` ${head(post, host, key)}`),
  refused('a path with a space', head('GET /livez x HTTP/1.1', host)),
  refused('a method that is none', head('PWN / HTTP/1.1', host)),
  refused('a method in lower case', head('get /livez HTTP/1.1', host)),
  ['a version that is none', 505, invalid, head('GET /livez HTTP/2.0', host)],
  ['a version of 0.9', 505, invalid, 'GET /livez\r\n\r\n'],
  refused('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('a greeting of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  refused('a message of Kafka', '\0\0\0\x1a\0\x12\0\x03\0\0\0\x01\0\x08kafka-cli'),
  refused('a message of SSH', 'SSH-2.0-OpenSSH_9.6\r\n'),
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
