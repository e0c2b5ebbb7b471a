import type { AnyOperation } from '@kafkado/core'
import { allOperations, parseResponse, schemasOf } from '@kafkado/core/internal'
import { type AnyApiVersion, MalformedMessage } from '@kafkado/messages'
import { inventedMessage } from '../../../packages/messages/test/invented-messages.ts'
import { everyApi } from '../../../packages/wire/test/every-api.ts'
import { findCoordinatorApi } from '../../../packages/wire/src/cluster/find-coordinator-api.ts'
import { metadataApi } from '../../../packages/wire/src/cluster/metadata-api.ts'
import { Broker } from '../../../packages/wire/src/connection/broker.ts'
import { describeGroupsApi } from '../../../packages/wire/src/operations/15-describe-classic-groups.ts'
import { wireSettings } from '../../../packages/wire/src/settings/wire-options.ts'
import { WireTransport } from '../../../packages/wire/src/wire-transport.ts'
import { HurriedClock } from '../hurried-clock.ts'
import { joined, SeededBytes } from '../mutator.ts'
import { valueOf } from '../schema-values.ts'
import { decoded, expect, isRefused, refusal, type Target } from '../target.ts'

/** An answer that is right in form; what is in it is invented. */
const inventedAnswer = (api: AnyApiVersion, seed: number): Uint8Array => inventedMessage(api, 'response', seed)

const apiOf = (input: Uint8Array): AnyApiVersion => everyApi[(input[0] ?? 0) % everyApi.length] as AnyApiVersion

/** The first byte tells the API. */
export const wireAnswers: Target = {
  name: 'wire-answers',
  sources: ['messages/src/codec', 'messages/src/apis/'],
  seeds: everyApi.flatMap((api, index) =>
    [1, 2, 3, 4].map((seed) => joined(Uint8Array.of(index), inventedAnswer(api, seed))),
  ),
  run(input) {
    const { response } = apiOf(input)
    return readAndWritten(response, input.subarray(1))
  },
}

/** What is read can be written, and is the same when it is read again. */
export function readAndWritten(message: AnyApiVersion['response'], content: Uint8Array): unknown {
  const value = decoded(() => message.read(content), [MalformedMessage])
  if (isRefused(value)) return value
  const again = decoded(() => message.read(Uint8Array.from(Buffer.concat(message.write(value)))), [MalformedMessage])
  expect(
    JSON.stringify(again) === JSON.stringify(value),
    `what was written again is another message: ${JSON.stringify(again)} of ${JSON.stringify(value)}`,
  )
  return value
}

const brokers = [
  { nodeId: 1, host: 'b1', port: 9092, rack: null },
  { nodeId: 2, host: 'b2', port: 9092, rack: null },
]
const topicId = '00000000-0000-4000-8000-000000000001'
const cluster = {
  throttleTimeMs: 0,
  brokers,
  clusterId: 'fuzzed',
  controllerId: 1,
  topics: ['t', 'u'].map((name) => ({
    errorCode: 0,
    name,
    topicId: name === 't' ? topicId : topicId.replace(/1$/, '2'),
    isInternal: false,
    partitions: [0, 1].map((partition) => ({
      errorCode: 0,
      partition,
      leaderId: 1 + partition,
      leaderEpoch: 3,
      replicaNodes: [1],
      isrNodes: [1],
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: 0,
  })),
}

const random = new SeededBytes(68)
const requestsOf = new Map(
  allOperations.map((operation) => {
    const values = Array.from({ length: 4 }, () => valueOf(schemasOf(operation).request, random))
    return [operation, values] as const
  }),
)

/**
 * What the brokers say: the answers of the input, one after the other, and sane ones to who leads and coordinates
 * unless the input has those too.
 */
let answers: { readonly parts: readonly Uint8Array[]; next: number; isSane: boolean }

Broker.prototype.ask = function ask(api: AnyApiVersion, request: unknown, asker: { sent(): void }): Promise<never> {
  asker.sent()
  const canned = answers.isSane ? sane(api, request) : undefined
  if (canned !== undefined) return Promise.resolve(canned as never)
  const bytes = answers.parts[Math.min(answers.next++, answers.parts.length - 1)] ?? new Uint8Array()
  return new Promise((resolve) => {
    resolve(api.response.read(bytes) as never)
  })
}

function sane(api: AnyApiVersion, request: unknown): unknown {
  if (api === metadataApi) return cluster
  if (api !== findCoordinatorApi) return undefined
  const { coordinatorKeys } = request as { coordinatorKeys: string[] }
  const coordinators = coordinatorKeys.map((key) => ({
    key,
    nodeId: 1,
    host: 'b1',
    port: 9092,
    errorCode: 0,
    errorMessage: null,
  }))
  return { throttleTimeMs: 0, coordinators }
}

/** The APIs that operations are answered with, for seeds that lead somewhere. */
const seedsOf = (operation: AnyOperation, index: number): Uint8Array[] => {
  const apis = everyApi.filter(
    ({ name, key }) => key === operation.apiKey || name === 'Metadata' || key === describeGroupsApi.key,
  )
  return apis.flatMap((api) =>
    [1, 2, 3].map((seed) => joined(Uint8Array.of(index, seed, 1), inventedAnswer(api, seed))),
  )
}

/**
 * Operation, which request, and whether the brokers tell the truth of leaders and coordinators; then the answers that
 * brokers give, with the byte 0x5c between them.
 */
export const wireOperations: Target = {
  name: 'wire-operations',
  sources: ['wire/src/operations/', 'wire/src/cluster/'],
  seeds: allOperations.flatMap(seedsOf),
  async run(input) {
    const [which = 0, requestAt = 0, isSane = 0] = input
    const operation = allOperations[which % allOperations.length] as AnyOperation
    const requests = requestsOf.get(operation) as unknown[]
    const request = requests[requestAt % requests.length]
    answers = { parts: partsOf(input.subarray(3)), next: 0, isSane: isSane % 4 !== 0 }
    const runtime = { clock: new HurriedClock(), random: { next: () => 0, uuid: () => topicId } }
    const transport = new WireTransport(wireSettings({ brokers: 'b0:9092', timeout: '100ms', retries: 1, runtime }))
    try {
      const response = (await transport.send(operation, request)) as unknown
      expect(
        parseResponse(operation, response) !== undefined,
        `the response of ${operation.name} is none: ${JSON.stringify(response)}`,
      )
    } catch (error) {
      refusal(error, [MalformedMessage])
    } finally {
      await transport.close()
    }
    return undefined
  },
}

function partsOf(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  let start = 0
  for (let index = 0; index <= bytes.length && parts.length < 8; index++) {
    if (index < bytes.length && bytes[index] !== 0x5c) continue
    parts.push(bytes.subarray(start, index))
    start = index + 1
  }
  return parts
}
