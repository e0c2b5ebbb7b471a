import { fetchOf, heartbeatOf, newTopic, produceOf } from '../place/every-request.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { frame, head, host, bearer, request } from '../place/raw-http.ts'
import { everything } from '../place/keys.ts'

/** Paths that lead elsewhere, in the target of a request and in names. */

const get = (target: string): string => head(`GET ${target} HTTP/1.1`, host, bearer())
const invalid = 'INVALID_REQUEST'
const nowhere = (what: string, target: string): Negative => [what, 404, invalid, get(target), /nothing at this path/]

negatives('there is nothing at', [
  nowhere('an unknown path', '/v2/produce'),
  nowhere('the root', '/'),
  nowhere('a path with a slash too many', '/v1/'),
  nowhere('a path with two slashes', '//v1'),
  nowhere('a traversal', '/v1/../../etc/passwd'),
  nowhere('a traversal back to a route', '/v1/x/../../livez'),
  nowhere('a path with a dot', '/./v1'),
  nowhere('an encoded traversal', '/v1/%2e%2e%2f%2e%2e%2fetc%2fpasswd'),
  nowhere('a doubly encoded traversal', '/v1/%252e%252e/etc/passwd'),
  nowhere('a traversal in overlong UTF-8', '/v1/%c0%ae%c0%ae/etc/passwd'),
  nowhere('a traversal with backslashes', '/v1\\..\\..\\windows'),
  nowhere('an encoded path', '/v1%2fopenapi.json'),
  nowhere('an encoded letter', '/%761'),
  nowhere('a path in other case', '/V1'),
  nowhere('a path with parameters', '/v1;key=1'),
  nowhere('a path with a NUL', '/v1%00'),
  nowhere('a path with a line feed', '/v1%0d%0aX-Injected:%201'),
  nowhere('a fragment', '/livez#/v1'),
  nowhere('a target with a scheme', 'http://localhost/v1'),
  nowhere('a target of another host', 'http://attacker.example/livez'),
  nowhere('a file', 'file:///etc/passwd'),
  nowhere('a name of Object', '/constructor'),
  nowhere('a prototype', '/__proto__'),
  nowhere('a prototype of a route', '/v1/__proto__'),
  nowhere('very many parts', `/${'v1/'.repeat(900)}`),
  ['every path', 404, invalid, head('OPTIONS * HTTP/1.1', host)],
  ['a target without a slash', 400, invalid, get('livez')],
  ['GET of an operation', 405, invalid, get('/v1/produce'), /takes POST/],
  ['POST of a document', 405, invalid, request('/v1/openapi.json', {}), /takes GET, HEAD/],
  ['DELETE of an operation', 405, invalid, request('/v1/metadata', {}, { method: 'DELETE' })],
  ['PUT of an operation', 405, invalid, request('/v1/metadata', {}, { method: 'PUT' })],
  ['TRACE', 405, invalid, head('TRACE /livez HTTP/1.1', host, bearer())],
  ['a method of WebDAV', 405, invalid, head('PROPFIND /v1 HTTP/1.1', host, bearer())],
  ['OPTIONS of no page', 405, invalid, head('OPTIONS /v1 HTTP/1.1', host)],
])

const names = ['.', '..', '../theirs', 'a/b', 'a\\b', 'C:', 'a\0b', 'a\nb', 'a b', 'a%2fb', 'ä', '', 'x'.repeat(250)]
const shown = (name: string): string => JSON.stringify(name).slice(0, 14)
const identity = { transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
const asking = { key: everything }

negatives('no topic is made that is called', [
  ...names.map((name): Negative => [
    shown(name),
    200,
    'INVALID_TOPIC_EXCEPTION',
    request('/v1/admin/create-topics', newTopic(name), asking),
  ]),
  ...['..', '../theirs', 'a\0b'].flatMap((name): Negative[] => [
    [`${shown(name)}, by a record`, 200, 'INVALID_TOPIC_EXCEPTION', frame(produceOf([name]), asking)],
    [
      `${shown(name)}, by a question`,
      200,
      'INVALID_TOPIC_EXCEPTION',
      request('/v1/metadata', { topics: [name], allowAutoTopicCreation: true }, asking),
    ],
  ]),
])

negatives('no group and no transaction has an id', [
  ['of nothing, of a member', 400, 'INVALID_REQUEST', request('/v1/groups/heartbeat', heartbeatOf('', 'mine'), asking)],
  [
    'of spaces, of a member',
    400,
    'INVALID_REQUEST',
    request('/v1/groups/heartbeat', heartbeatOf('  ', 'mine'), asking),
  ],
  [
    'with a NUL, of a member',
    400,
    'INVALID_REQUEST',
    request('/v1/groups/heartbeat', heartbeatOf('a\0b', 'mine'), asking),
  ],
  [
    'with a NUL, of a producer',
    400,
    'INVALID_REQUEST',
    request('/v1/producers/init', { transactionalId: 'a\0b', ...identity }, asking),
  ],
  [
    'of nothing, of a producer',
    400,
    'INVALID_REQUEST',
    request('/v1/producers/init', { transactionalId: '', ...identity }, asking),
  ],
])

negatives(
  'nothing is read of a topic',
  ['..', '../theirs', '__proto__', 'mine/../theirs'].map((name): Negative => [
    shown(name),
    200,
    'UNKNOWN_TOPIC_OR_PARTITION',
    request('/v1/fetch', fetchOf(name), asking),
  ]),
)
