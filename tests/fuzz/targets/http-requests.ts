import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memory } from '@kafkado/broker'
import { createTopics, produce, seededRandom, type Transport } from '@kafkado/core'
import { allOperations, encodeBase64Url, ManualClock, problemContentType } from '@kafkado/core/internal'
import { apiKeys, createHandler, type StoredKey } from '@kafkado/server'
import { hashWithWebCrypto } from '../../../packages/server/src/auth/secret-hash.ts'
import { batchOf } from '../batches.ts'
import { changeJson } from '../json-change.ts'
import { joined } from '../mutator.ts'
import { bodiesOf } from '../operation-seeds.ts'
import { expect, type RandomBytes, type Target } from '../target.ts'
import { changeFrame } from './http-bodies.ts'

/** A request as text: a line with method and path, lines of headers, an empty line, the body. */
const decoder = new TextDecoder('latin1')
const encoder = new TextEncoder()

const pepper = new Uint8Array(32).fill(7)
const secretOf = (id: string): string => `kdo_${id}_${'A'.repeat(43)}`
const hash = hashWithWebCrypto(pepper)
const allowAll = (['topic', 'group', 'transactionalId'] as const).map(
  (resource) => ({ operation: 'all', resource, name: '*', pattern: 'literal' }) as const,
)
const keyOf = async (id: string, scopes: StoredKey['scopes'], expiresAt?: string): Promise<StoredKey> => ({
  id,
  hashes: [encodeBase64Url(await hash(secretOf(id)))],
  scopes,
  ...(expiresAt === undefined ? {} : { expiresAt }),
})
const keys = [
  await keyOf('everything', allowAll),
  await keyOf('little', [{ operation: 'read', resource: 'topic', name: 't', pattern: 'prefix' }]),
  await keyOf('expired', allowAll, '1960-01-01T00:00:00Z'),
]

/** What the server must never do is told by its log. */
let unexpected: unknown
let handle: (request: Request) => Promise<Response>
let engine: Transport | undefined
let requests = 0
let welcome: string | undefined
/** So that what requests have made does not grow without end. */
const requestsPerEngine = 5000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
/**
 * What engines and servers before the last one may leave behind: the inputs that the fuzzer keeps, compiled code. It is
 * 0.4 to 2 MiB after eight of them, and 18 MiB for each if every request is kept.
 */
const mostLeftBytes = 48 * 1024 * 1024
const mostLeftAtFirstBytes = 8 * 1024 * 1024
const mostLeftOfEachBytes = 1024 * 1024
/** Until so many have come and gone, caches fill. */
const enginesToWarmUp = 3
let clock = new ManualClock()
let engines = 0
let warmBytes = 0

/** Nothing waits for a request that has been answered, and nothing of it stays. Returns what does. */
async function foundLeft(): Promise<string | undefined> {
  await engine?.close()
  if (clock.pendingTimers > 0) return `${clock.pendingTimers} timers are left of requests that were answered`
  engine = undefined
  handle = () => Promise.reject(new Error('there is no server'))
  if (++engines < enginesToWarmUp) return undefined
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  if (engines === enginesToWarmUp) warmBytes = heapUsed + arrayBuffers
  const left = heapUsed + arrayBuffers - warmBytes
  const most = mostLeftAtFirstBytes + mostLeftOfEachBytes * (engines - enginesToWarmUp)
  if (left < Math.min(most, mostLeftBytes)) return undefined
  return `${left} bytes are left of ${requests} requests, on servers that are gone`
}

async function begin(): Promise<void> {
  const left = engine && (await foundLeft())
  clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  engine = memory({ runtime })
  const topics = ['t', 'u'].map((topic) => ({ topic, numPartitions: 2, replicationFactor: -1, configs: [] }))
  await engine.send(createTopics, { topics, timeoutMs: 1000, validateOnly: false })
  const partitions = [{ partition: 0, records: batchOf() }]
  await engine.send(produce, { transactionalId: null, acks: -1, timeoutMs: 1000, topics: [{ topic: 't', partitions }] })
  handle = createHandler(engine, {
    keys: apiKeys({ pepper: encodeBase64Url(pepper), keys, runtime }),
    limits: { maxLongPollMs: 0, maxBodyBytes: 4096, maxHeaderBytes: 1024, maxPartitions: 20 },
    cors: { origins: ['https://app.example.com'] },
    log: ({ level, error }) => {
      if (level === 'error') unexpected = error
    },
    runtime,
  })
  // With a new server under way, so that this is told of, and no failure that follows from it.
  expect(left === undefined, left ?? '')
}

const post = (path: string, type: string, body: Uint8Array, key = 'everything'): Uint8Array =>
  joined(
    encoder.encode(
      `POST ${path}\nauthorization: Bearer ${secretOf(key)}\ncontent-type: ${type}\nx-request-id: r-1\n\n`,
    ),
    body,
  )
const typeOf = (records: string | undefined): string =>
  records === 'request' ? 'application/vnd.kafkado.batches.v1' : 'application/json'
const bare = (text: string): Uint8Array => encoder.encode(text)

const seeds = [
  ...bodiesOf('request').map(({ operation, body }, index) =>
    post(operation.path, typeOf(operation.records), body, index % 5 === 4 ? 'little' : 'everything'),
  ),
  ...['/v1', '/v1/openapi.json', '/livez', '/readyz', '/nowhere'].map((path) =>
    bare(`GET ${path}\nx-request-id: a\n\n`),
  ),
  bare(`GET /v1\nauthorization: Bearer ${secretOf('expired')}\n\n`),
  bare('OPTIONS /v1\norigin: https://app.example.com\naccess-control-request-method: POST\n\n'),
  bare(`HEAD /livez\ncontent-length: 0\ncontent-encoding: gzip\n\n`),
]

interface Parts {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** Undefined where there is no such request: the parser of HTTP would have refused it. */
function parse(input: Uint8Array): Parts | undefined {
  const end = indexOfBody(input)
  const [first = '', ...lines] = decoder.decode(input.subarray(0, end)).split('\n')
  const [method = '', path = ''] = first.split(' ')
  const headers = new Headers()
  try {
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
    }
    return { method, path, headers, body: input.subarray(Math.min(end + 2, input.length)) }
  } catch {
    return undefined
  }
}

function indexOfBody(input: Uint8Array): number {
  for (let index = 0; index + 1 < input.length; index++)
    if (input[index] === 10 && input[index + 1] === 10) return index
  return input.length
}

function requestOf(parts: Parts): Request | undefined {
  const { method, path, headers, body } = parts
  const hasBody = method !== 'GET' && method !== 'HEAD'
  try {
    return new Request(`http://server${path}`, { method, headers, ...(hasBody ? { body: body.slice() } : {}) })
  } catch {
    return undefined
  }
}

/** What every answer is: of a proper status, its own request's, and where it is an error a problem document. */
function requireProper(request: Request, response: Response, body: string): void {
  const { status, headers } = response
  expect(unexpected === undefined, `an unexpected error was logged: ${String(unexpected)}`)
  expect(status >= 200 && status < 500, `the status is ${status}: ${body}`)
  const given = request.headers.get('x-request-id')
  const answered = headers.get('x-request-id')
  if (given !== null && /^(?!kdo_)[\w.-]{1,64}$/.test(given))
    expect(answered === given, `the id ${given} is answered as ${answered}`)
  else if (answered !== null) expect(/^[0-9a-f-]{36}$/.test(answered), `the id is ${answered}`)
  if (status < 400 || request.method === 'HEAD') return
  expect(headers.get('content-type') === problemContentType, `the error is ${headers.get('content-type')}`)
  const problem = JSON.parse(body) as Record<string, unknown>
  expect(
    problem['status'] === status && problem['requestId'] === answered,
    `the problem is of another request: ${body}`,
  )
  const texts = [problem['title'], problem['detail'], problem['code']]
  const isWhole = texts.every((text) => typeof text === 'string' && text.length > 3)
  expect(isWhole && typeof problem['retriable'] === 'boolean', `the problem says too little: ${body}`)
  expect(problem['outcome'] === 'failed', `a refused request may have been carried out: ${body}`)
  expect(!body.includes(secretOf('everything')), 'a secret is shown')
}

/** Others are answered as before. */
async function requireUsable(): Promise<void> {
  const headers = { authorization: `Bearer ${secretOf('everything')}` }
  const response = await handle(new Request('http://server/v1', { headers }))
  const body = await response.text()
  welcome ??= body
  expect(response.status === 200 && body === welcome, `the server answers ${response.status} ${body} afterwards`)
}

export const httpRequests: Target = {
  name: 'http-requests',
  sources: ['server/src/', 'broker/src/handlers/', 'broker/src/embedded-transport', 'broker/src/settings/topic-config'],
  seeds,
  words: [
    ...allOperations.map(({ path }) => path),
    'application/json',
    'content-encoding: identity\n',
    'transfer-encoding: chunked\n',
    'Bearer ',
  ],
  change(input, random) {
    const end = Math.min(indexOfBody(input) + 2, input.length)
    const body = input.subarray(end)
    const changed = body[0] === 0 ? changeFrame(body, random) : changeJson(body, random)
    return joined(changeHead(input.subarray(0, end), random), changed)
  },
  async run(input) {
    const parts = parse(input)
    const request = parts && requestOf(parts)
    if (!request) return
    if (requests++ % requestsPerEngine === 0) await begin()
    unexpected = undefined
    const response = await handle(request)
    requireProper(request, response, await response.text())
    if (requests % 64 === 0) await requireUsable()
  },
}

/** Mostly as it is, as what is behind it matters as well. */
function changeHead(head: Uint8Array, random: RandomBytes): Uint8Array {
  if (random.below(4) > 0) return head
  const lines = decoder.decode(head).split('\n')
  const at = random.below(lines.length)
  const line = random.pick([
    'authorization: Bearer kdo_nobody_x',
    `authorization: bearer  ${secretOf('little')}`,
    'content-type: application/json; charset=utf-8',
    'content-length: 5',
    'content-length: -1',
    'content-length: 99999999999',
    'x-request-id: a b',
    `x-long: ${'a'.repeat(random.below(1200))}`,
  ])
  if (random.below(2) === 0) lines.splice(Math.max(at, 1), 0, line)
  else if (at > 0) lines.splice(at, 1)
  return encoder.encode(lines.join('\n'))
}
