import { describe, it } from 'vitest'
import {
  asFrame,
  asJson,
  batchFor,
  expectRefusal,
  frame,
  heartbeat,
  metadataOf,
  post,
  type Refused,
} from '../../test/secured-server.ts'

const hugeHeader = { ...asJson, 'x-filler': 'x'.repeat(1000) }
const rawFrame = (header: string): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(header)
  return Uint8Array.from([0, 0, text.length >> 8, text.length & 255, ...text])
}
const endless = (): BodyInit =>
  new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(700)) })

const refused: Refused[] = [
  // The path.
  ['an unknown path', 404, /nothing at this path/, { path: '/v2/produce' }],
  ['a path with a slash too many', 404, /nothing/, { path: '/v1/produce/' }],
  ['a path with two slashes', 404, /nothing/, { path: '//v1/produce' }],
  ['an encoded path', 404, /nothing/, { path: '/v1/%70roduce' }],
  ['an encoded traversal', 404, /nothing/, { path: '/v1/%2e%2e%2fetc%2fpasswd' }],
  ['a traversal', 404, /nothing/, { path: '/v1/../../etc/passwd' }],
  ['a name of Object as path', 404, /nothing/, { path: '/constructor' }],
  ['a GET of an operation', 405, /takes POST/, { path: '/v1/produce', method: 'GET' }],
  ['a DELETE', 405, /takes POST/, { path: '/v1/metadata', method: 'DELETE' }],
  ['a POST of a document', 405, /takes GET, HEAD/, post('/v1/openapi.json', {})],
  ['a method named like a field of Object', 405, /takes POST/, { path: '/v1/metadata', method: 'constructor' }],
  // The content.
  [
    'no content type',
    415,
    /not as an unnamed type/,
    post('/v1/metadata', metadataOf(), { headers: { 'content-type': '' } }),
  ],
  [
    'a form, as a web page can send',
    415,
    /application\/json/,
    post('/v1/metadata', metadataOf(), { headers: { 'content-type': 'text/plain' } }),
  ],
  ['JSON where a frame belongs', 415, /vnd\.kafkado/, post('/v1/produce', batchFor('orders'))],
  ['a frame where JSON belongs', 415, /application\/json/, frame(batchFor('orders'), { path: '/v1/metadata' })],
  [
    'a compressed body',
    415,
    /content-encoding/,
    post('/v1/metadata', metadataOf(), { headers: { ...asJson, 'content-encoding': 'gzip' } }),
  ],
  ['an empty body', 400, /body is empty/, post('/v1/metadata', '')],
  ['half of JSON', 400, /not JSON/, post('/v1/metadata', '{"topics":')],
  [
    'bytes that are no UTF-8',
    400,
    /not JSON in UTF-8/,
    { path: '/v1/metadata', headers: asJson, body: Uint8Array.of(0x22, 0xc3, 0x22) },
  ],
  ['JSON that is no object', 400, /not valid/, post('/v1/metadata', 'null')],
  [
    'a wrong type',
    400,
    /allowAutoTopicCreation must be true or false, got /,
    post('/v1/metadata', { topics: [], allowAutoTopicCreation: 'yes' }),
  ],
  ['a missing field', 400, /topics/, post('/v1/metadata', { allowAutoTopicCreation: false })],
  [
    'a name that is an object',
    400,
    /topics\.0 must be a string, got /,
    post('/v1/metadata', { topics: [{ toString: 1 }], allowAutoTopicCreation: false }),
  ],
  [
    'a number beyond exact ones',
    400,
    /memberEpoch/,
    post(
      '/v1/groups/heartbeat',
      JSON.stringify(heartbeat).replace('"memberEpoch":0', '"memberEpoch":9007199254740993'),
    ),
  ],
  [
    '__proto__ at the top',
    400,
    /'__proto__'/,
    post('/v1/metadata', '{"__proto__":{"scopes":null},"topics":[],"allowAutoTopicCreation":false}'),
  ],
  [
    '__proto__ written with an escape',
    400,
    /'__proto__'/,
    post('/v1/metadata', '{"\\u005f_proto__":{},"topics":[],"allowAutoTopicCreation":false}'),
  ],
  [
    'constructor deep inside',
    400,
    /'constructor'/,
    post('/v1/metadata', '{"topics":[],"allowAutoTopicCreation":false,"x":[[{"constructor":{"prototype":{}}}]]}'),
  ],
  [
    '__proto__ in a frame',
    400,
    /'__proto__'/,
    { path: '/v1/produce', headers: asFrame, body: rawFrame('{"__proto__":{},"topics":[]}') },
  ],
  ['nesting without end', 400, /nested deeper/, post('/v1/metadata', `{"x":${'['.repeat(900)}${']'.repeat(900)}}`)],
  [
    'a frame of three bytes',
    400,
    /frame .* malformed/,
    { path: '/v1/produce', headers: asFrame, body: new Uint8Array(3) },
  ],
  [
    'a frame whose header is longer than it',
    400,
    /reaches beyond/,
    { path: '/v1/produce', headers: asFrame, body: Uint8Array.of(255, 255, 255, 255, 0) },
  ],
  [
    'a frame whose batches are cut off',
    400,
    /cut off/,
    { path: '/v1/produce', headers: asFrame, body: rawFrame('{"topics":[{"partitions":[{"byteLength":5}]}]}') },
  ],
  // The size.
  ['a body that is too large', 413, /maxBodyBytes/, post('/v1/metadata', ' '.repeat(2001))],
  [
    'a body that says it is too large',
    413,
    /of 999999999 bytes/,
    post('/v1/metadata', '{}', { headers: { ...asJson, 'content-length': '999999999' } }),
  ],
  ['a body without end', 413, /without a declared length/, { path: '/v1/metadata', headers: asJson, body: endless() }],
  [
    'a body longer than it says',
    400,
    /longer than the 2 bytes/,
    post('/v1/metadata', '{} {}', { headers: { ...asJson, 'content-length': '2' } }),
  ],
  [
    'a body shorter than it says',
    400,
    /fewer than the 20/,
    post('/v1/metadata', '{}', { headers: { ...asJson, 'content-length': '20' } }),
  ],
  [
    'a content-length that is none',
    400,
    /not a whole number/,
    post('/v1/metadata', '{}', { headers: { ...asJson, 'content-length': '0x2' } }),
  ],
  [
    'two content-lengths',
    400,
    /not a whole number/,
    post('/v1/metadata', '{}', { headers: { ...asJson, 'content-length': '2, 3' } }),
  ],
  [
    'a negative content-length',
    400,
    /not a whole number/,
    post('/v1/metadata', '{}', { headers: { ...asJson, 'content-length': '-2' } }),
  ],
  ['headers that are too large', 431, /maxHeaderBytes/, post('/v1/metadata', '{}', { headers: hugeHeader })],
  ['a URL that is too long', 431, /maxHeaderBytes/, { path: `/v1?${'x'.repeat(1000)}` }],
  [
    'too many topics',
    413,
    /names 11 partitions.*maxPartitions/,
    post('/v1/metadata', metadataOf(...Array<string>(11).fill('a'))),
  ],
  [
    'too many partitions',
    413,
    /names 11/,
    post('/v1/groups/offsets/delete', {
      groupId: 'group',
      topics: [{ topic: 'orders', partitions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }],
    }),
  ],
  [
    'a heartbeat that is too large',
    413,
    /maxHeartbeatBytes/,
    post('/v1/groups/heartbeat', {
      ...heartbeat,
      topicPartitions: [{ topic: 'orders', partitions: Array.from({ length: 3000 }, (_, partition) => partition) }],
    }),
  ],
]

describe('a request is refused before it reaches the transport when it has', () => {
  it.each(refused)('%s: %i', (...refusal) => expectRefusal(refusal))
})
