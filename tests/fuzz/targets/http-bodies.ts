import type { AnyOperation } from '@kafkado/core'
import { allOperations, checkRequest, decodeFrame, encodeFrame, parseRequest } from '@kafkado/core/internal'
import { defaultLimits } from '../../../packages/server/src/call/limits.ts'
import { Refusal } from '../../../packages/server/src/exchange/refusal.ts'
import { readRequest } from '../../../packages/server/src/routes/request-body.ts'
import { changeJson } from '../json-change.ts'
import { joined } from '../mutator.ts'
import { bodiesOf } from '../operation-seeds.ts'
import { decoded, expect, isRefused, type RandomBytes, type Target } from '../target.ts'

const frames = [...bodiesOf('request'), ...bodiesOf('response')]
  .filter(({ operation, body }) => operation.records !== undefined && body[0] === 0)
  .map(({ body }) => body)

/** Changes the JSON of a frame and gives it the right length. */
export function changeFrame(frame: Uint8Array, random: RandomBytes): Uint8Array {
  const length = frame.length < 4 ? 0 : new DataView(frame.buffer, frame.byteOffset).getUint32(0)
  const header = changeJson(frame.subarray(4, 4 + length), random)
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, header.length)
  return joined(size, header, frame.subarray(4 + length))
}

export const httpFrames: Target = {
  name: 'http-frames',
  sources: ['http/http-frames'],
  seeds: frames,
  change: changeFrame,
  words: ['{"topics":[', '{"partitions":[', '"byteLength":', '}]}]}'],
  run(input) {
    const message = decoded(() => decodeFrame(input)) as { topics: { partitions: { records: Uint8Array }[] }[] }
    if (isRefused(message)) return message
    const batches = message.topics.flatMap(({ partitions }) => partitions.map(({ records }) => records))
    const bytes = batches.reduce((sum, { length }) => sum + length, 0)
    expect(bytes <= input.length, `${bytes} bytes of batches come of ${input.length}`)
    const again = decodeFrame(joined(...encodeFrame(message)))
    expect(JSON.stringify(again) === JSON.stringify(message), 'what was written again is another message')
    return message
  },
}

const limits = { ...defaultLimits, maxPartitions: 8 }

/** The first byte tells the operation. */
const operationOf = (input: Uint8Array): AnyOperation =>
  allOperations[(input[0] ?? 0) % allOperations.length] as AnyOperation

export const requestBodies: Target = {
  name: 'request-bodies',
  sources: ['requests/checking/request-check', 'schema/faults', 'schema/predicate', 'server/src/routes/request-body'],
  seeds: bodiesOf('request').map(({ operation, body }) =>
    joined(Uint8Array.of(allOperations.indexOf(operation)), body),
  ),
  change(input, random) {
    const changed = operationOf(input).records === 'request' ? changeFrame : changeJson
    return joined(input.subarray(0, 1), changed(input.subarray(1), random))
  },
  run(input) {
    const operation = operationOf(input)
    const body = input.subarray(1)
    const request = decoded(() => readRequest(operation, body, limits), [Refusal])
    if (isRefused(request)) return [request, checkedTwice(operation, body)]
    checkRequest(operation, request)
    const again = parseRequest(operation, structuredCloneOf(request))
    expect(JSON.stringify(again) === JSON.stringify(request), 'a checked request is another when it is checked again')
    return request
  },
}

/** The quick check and the schema say the same of whatever JSON is. */
function checkedTwice(operation: AnyOperation, body: Uint8Array): unknown {
  if (operation.records === 'request') return undefined
  let content: unknown
  try {
    content = JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
  const quick = decoded(() => checkRequest(operation, content))
  const slow = decoded(() => parseRequest(operation, content))
  expect(isRefused(quick) === isRefused(slow), `${operation.name}: the quick check says something else than the schema`)
  return quick
}

/** A copy without what the copied shares, record batches excepted. */
function structuredCloneOf(request: unknown): unknown {
  if (request instanceof Uint8Array || typeof request !== 'object' || request === null) return request
  if (Array.isArray(request)) return request.map(structuredCloneOf)
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [name, structuredCloneOf(value)]))
}
