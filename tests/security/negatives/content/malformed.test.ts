import { allOperations, type Schema, schemasOf } from '@kafkado/core/internal'
import { asking, everyRequest, operationNamed, produceOf } from '../place/every-request.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { asFrame, bytesOf, frame, head, host, bearer, json, rawFrame, request } from '../place/raw-http.ts'

/** Bodies that are not what their path takes. */

const invalid = 'INVALID_REQUEST'
const requests = everyRequest({ topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id' })
const path = '/v1/metadata'

/** A value that no field of that form takes. */
function wrongFor({ form }: Schema): unknown {
  switch (form.type) {
    case 'nullable':
    case 'optional':
      return wrongFor(form.inner)
    case 'string':
    case 'uuid':
    case 'choice':
      return 5
    default:
      return 'text'
  }
}

const fieldsOf = (name: string): [string, Schema][] => {
  const { form } = schemasOf(operationNamed(name)).request
  return form.type === 'object' ? Object.entries(form.shape) : []
}
const wrongFields: readonly Negative[] = allOperations.flatMap(({ name, records }) =>
  fieldsOf(name)
    // The lists of a frame hold its batches, and are looked at before.
    .filter(([field]) => records !== 'request' || field !== 'topics')
    .map(([field, schema]): Negative => [
      `${name}.${field}`,
      400,
      invalid,
      asking(name, { ...requests[name], [field]: wrongFor(schema) }),
      new RegExp(field),
    ]),
)
const jsonOperations = allOperations.filter(({ records }) => records !== 'request')
const noObject: readonly Negative[] = jsonOperations.map(({ name, path: at }) => [
  name,
  400,
  invalid,
  request(at, name.length % 2 === 0 ? 'null' : '[[]]'),
])

negatives('a field is refused that is of another kind', wrongFields)
negatives('what is no object is refused by', noObject)

const bytes = (...values: number[]): string => String.fromCharCode(...values)
const asked = (body: string, type = json): string => request(path, body, { type })
const valid = '"allowAutoTopicCreation":false'

negatives('a body is refused that is', [
  ['of no type', 415, invalid, asked('{}', '')],
  ['a text', 415, invalid, asked('{}', 'Content-Type: text/plain')],
  ['a form', 415, invalid, asked('topics=mine', 'Content-Type: application/x-www-form-urlencoded')],
  ['of several parts', 415, invalid, asked('{}', 'Content-Type: multipart/form-data; boundary=x')],
  ['of a type that begins like JSON', 415, invalid, asked('{}', 'Content-Type: application/jsonp')],
  ['a frame', 415, invalid, asked('{}', asFrame)],
  ['JSON where a frame belongs', 415, invalid, request('/v1/produce', produceOf(['mine']))],
  ['compressed', 415, invalid, request(path, '{}', { headers: ['Content-Encoding: gzip'] })],
  ['compressed twice', 415, invalid, request(path, '{}', { headers: ['Content-Encoding: gzip, br'] })],
  ['empty', 400, invalid, asked('')],
  ['missing', 415, invalid, head(`POST ${path} HTTP/1.1`, host, bearer())],
  ['half of JSON', 400, invalid, asked('{"topics":')],
  ['JSON and more', 400, invalid, asked(`{"topics":[],${valid}}{}`)],
  ['JSON with a comma too many', 400, invalid, asked(`{"topics":[],${valid},}`)],
  ['JSON with a comment', 400, invalid, asked(`{"topics":[],/**/${valid}}`)],
  ['JSON with single quotes', 400, invalid, asked("{'topics':[]}")],
  ['JSON that begins with a mark of order', 400, invalid, asked(`${bytes(0xfe, 0xff)}{}`)],
  ['JSON in UTF-16', 400, invalid, asked(bytes(0x7b, 0, 0x7d, 0))],
  ['half of a letter in UTF-8', 400, invalid, asked(bytes(0x22, 0xc3, 0x22))],
  ['a letter in overlong UTF-8', 400, invalid, asked(bytes(0x22, 0xc0, 0xaf, 0x22))],
  ['half of a surrogate in UTF-8', 400, invalid, asked(bytes(0x22, 0xed, 0xa0, 0x80, 0x22))],
  ['a number', 400, invalid, asked('5')],
  ['not a number', 400, invalid, asked(`{"topics":NaN,${valid}}`)],
  ['nested without end', 400, invalid, asked(`{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)],
  ['nested thirty-three times', 400, invalid, asked(`{"x":${'['.repeat(33)}${']'.repeat(33)}}`), /nested deeper/],
  ['one long text', 400, invalid, asked(`"${'x'.repeat(60_000)}"`)],
  ['very many fields', 400, invalid, asked(`{${Array.from({ length: 5000 }, (_, n) => `"f${n}":1`).join()}}`)],
])

negatives('a number is refused that is', [
  ['beyond 32 bits', 400, invalid, asking('deleteTopics', { timeoutMs: 2 ** 31, topics: [] })],
  ['below 32 bits', 400, invalid, asking('deleteTopics', { timeoutMs: -(2 ** 31) - 1, topics: [] })],
  ['a fraction', 400, invalid, asking('deleteTopics', { timeoutMs: 1.5, topics: [] })],
  [
    'beyond exact ones',
    400,
    invalid,
    request(
      '/v1/admin/delete-records',
      '{"timeoutMs":1,"topics":[{"topic":"mine","partitions":[{"partition":0,"offset":9007199254740993}]}]}',
    ),
  ],
  ['beyond all', 400, invalid, request('/v1/admin/delete-topics', '{"timeoutMs":1e999,"topics":[]}')],
  ['a text', 400, invalid, asking('deleteTopics', { timeoutMs: '1', topics: [] })],
  ['beyond 16 bits', 400, invalid, asking('endTxn', { ...requests['endTxn'], producerEpoch: 40_000 })],
])

negatives('a frame is refused that is', [
  ['of three bytes', 400, invalid, request('/v1/produce', '\0\0\0', { type: asFrame })],
  ['empty', 400, invalid, request('/v1/produce', '', { type: asFrame })],
  ['shorter than its header', 400, invalid, rawFrame('{}', '', 2 ** 32 - 1), /reaches beyond/],
  ['without JSON in its header', 400, invalid, rawFrame('nothing')],
  ['without lists', 400, invalid, rawFrame('{}')],
  ['null', 400, invalid, rawFrame('null')],
  ['cut off within a batch', 400, invalid, rawFrame('{"topics":[{"partitions":[{"byteLength":5}]}]}'), /cut off/],
  ['longer than its batches', 400, invalid, rawFrame('{"topics":[{"partitions":[{"byteLength":1}]}]}', 'xyz')],
  ['with a negative length', 400, invalid, rawFrame('{"topics":[{"partitions":[{"byteLength":-1}]}]}', 'x')],
  ['with a length that is a fraction', 400, invalid, rawFrame('{"topics":[{"partitions":[{"byteLength":0.5}]}]}', 'x')],
  ['with a length without end', 400, invalid, rawFrame('{"topics":[{"partitions":[{"byteLength":1e999}]}]}', 'x')],
  ['with a length that is a text', 400, invalid, rawFrame('{"topics":[{"partitions":[{"byteLength":"1"}]}]}', 'x')],
  [
    'with bytes that are no UTF-8 in its header',
    400,
    invalid,
    request('/v1/produce', `\0\0\0\x03"\xc3"`, { type: asFrame }),
  ],
  [
    'with records in its JSON',
    400,
    invalid,
    rawFrame(
      JSON.stringify({
        transactionalId: null,
        acks: -1,
        timeoutMs: 1,
        topics: [{ topic: 'mine', partitions: [{ partition: 0, records: 'x' }] }],
      }),
    ),
  ],
  ['without a topic', 400, invalid, frame({ ...produceOf([]), topics: [{ partitions: [] }] })],
  ['of another operation', 400, invalid, frame({ topics: [], allowAutoTopicCreation: false })],
  [
    'with an acks that is none',
    400,
    invalid,
    rawFrame(bytesOf('{"transactionalId":null,"acks":null,"timeoutMs":1,"topics":[]}')),
  ],
])
