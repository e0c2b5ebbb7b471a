import { type AnyOperation, codeOf, http, KafkaError, seededRandom, type Transport } from '@kafkado/core'
import { allOperations, batchesContentType, parseResponse, problemContentType, schemasOf } from '@kafkado/core/internal'
import { HurriedClock } from '../hurried-clock.ts'
import { changeJson } from '../json-change.ts'
import { joined, SeededBytes } from '../mutator.ts'
import { bodiesOf } from '../operation-seeds.ts'
import { valueOf } from '../schema-values.ts'
import { expect, type Target } from '../target.ts'
import { changeFrame } from './http-bodies.ts'

/** An answer: the operation, the status, the content type, and the body. */
const statuses = [200, 200, 200, 200, 204, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504]
const contentTypes = ['application/json', batchesContentType, problemContentType, 'text/html', '']
const retryAfter = [null, '1', '-1', 'soon', '1e400', '']

const random = new SeededBytes(3)
const requests = new Map(
  allOperations.map((operation) => [operation, valueOf(schemasOf(operation).request, random)] as const),
)
const problem = {
  title: 'Conflict',
  status: 409,
  detail: 'the group has another',
  code: 'MEMBER_FENCED',
  kafkaCode: codeOf('FENCED_INSTANCE_ID'),
}
const problems = [
  { ...problem, retriable: true, outcome: 'failed', retryAfterMs: 5, requestId: 'a' },
  { ...problem, code: 'UNKNOWN', retriable: 'yes', outcome: 7 },
]

let answer: { status: number; headers: Record<string, string | null>; body: Uint8Array }
const fetch = (): Promise<Response> => {
  const { status, headers, body } = answer
  const arrayBuffer = () => Promise.resolve(body.slice().buffer)
  return Promise.resolve({ status, headers: { get: (name: string) => headers[name] ?? null }, arrayBuffer } as never)
}
/** A server may ask for pauses (`throttleTimeMs`). */
const runtime = { clock: new HurriedClock(), random: seededRandom(1) }
const transport: Transport = http({ url: 'http://server', retries: 0, fetch, runtime })

export const httpAnswers: Target = {
  name: 'http-answers',
  sources: ['http/http-transport', 'http/problem', 'http/http-frames', 'retry/retry-interceptor'],
  seeds: [
    ...bodiesOf('response').map(({ operation, body }) =>
      joined(Uint8Array.of(allOperations.indexOf(operation), 0, operation.records === 'response' ? 1 : 0, 0), body),
    ),
    ...problems.map((one) => joined(Uint8Array.of(3, 5, 2, 1), new TextEncoder().encode(JSON.stringify(one)))),
  ],
  change(input, chance) {
    const change = (input[2] ?? 0) % contentTypes.length === 1 ? changeFrame : changeJson
    return joined(input.subarray(0, 4), change(input.subarray(4), chance))
  },
  async run(input) {
    const [operationAt = 0, statusAt = 0, typeAt = 0, retryAt = 0] = input
    const operation = allOperations[operationAt % allOperations.length] as AnyOperation
    const contentType = contentTypes[typeAt % contentTypes.length] as string
    const headers = { 'content-type': contentType, 'retry-after': retryAfter[retryAt % retryAfter.length] as string }
    answer = { status: statuses[statusAt % statuses.length] as number, headers, body: input.subarray(4) }
    try {
      const response = (await transport.send(operation, requests.get(operation))) as unknown
      expect(parseResponse(operation, response) !== undefined, 'a response is none by its schema')
      return undefined
    } catch (error) {
      if (!KafkaError.is(error)) throw error
      requireSound(error)
      return undefined
    }
  },
}

/** Whoever catches it goes by these. */
function requireSound({ message, code, kafkaCode, retryAfterMs, retriable, outcome }: KafkaError): void {
  expect(typeof message === 'string' && message.length > 0, 'the error says nothing')
  expect(typeof retriable === 'boolean', 'the error does not say whether it is retriable')
  expect(outcome === 'failed' || outcome === 'unknown', 'the error does not say its outcome')
  expect(typeof code === 'string', `the code is ${String(code)}`)
  expect(kafkaCode === undefined || Number.isSafeInteger(kafkaCode), `the code of Kafka is ${String(kafkaCode)}`)
  const isTime = retryAfterMs === undefined || (Number.isFinite(retryAfterMs) && retryAfterMs >= 0)
  expect(isTime, `it is to be tried again after ${String(retryAfterMs)} ms`)
}
