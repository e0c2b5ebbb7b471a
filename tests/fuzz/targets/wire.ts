import { type AnyOperation, seededRandom } from '@kafkado/core'
import { allOperations, schemasOf } from '@kafkado/core/internal'
import { everyApi } from '../../../packages/wire/test/every-api.ts'
import { InventingReader } from '../../../packages/wire/test/inventing-reader.ts'
import { responseBody } from '../../../packages/wire/test/wire-frames.ts'
import { Broker } from '../../../packages/wire/src/cluster/broker.ts'
import { metadataApi } from '../../../packages/wire/src/cluster/metadata-api.ts'
import type { AnyApi } from '../../../packages/wire/src/codec/api.ts'
import { MalformedResponse, ResponseReader } from '../../../packages/wire/src/codec/response-reader.ts'
import { findCoordinator } from '../../../packages/wire/src/operations/10-find-coordinator.ts'
import { describeGroupsApi } from '../../../packages/wire/src/operations/15-describe-classic-groups.ts'
import { wireSettings } from '../../../packages/wire/src/wire-options.ts'
import { WireTransport } from '../../../packages/wire/src/wire-transport.ts'
import { HurriedClock } from '../hurried-clock.ts'
import { joined, SeededBytes } from '../mutator.ts'
import { valueOf } from '../schema-values.ts'
import { decoded, expect, isRefused, refusal, type Target } from '../target.ts'

/** An answer that is right in form; what is in it is invented. */
function inventedAnswer({ response, isFlexible }: AnyApi, seed: number): Uint8Array {
  const reader = new InventingReader(seededRandom(seed), isFlexible)
  response.read(reader)
  return Uint8Array.from(reader.bytesWritten)
}

const apiOf = (input: Uint8Array): AnyApi => everyApi[(input[0] ?? 0) % everyApi.length] as AnyApi

/** The first byte tells the API. */
export const wireAnswers: Target = {
  name: 'wire-answers',
  sources: ['wire/src/codec', 'wire/src/operations/'],
  seeds: everyApi.flatMap((api, index) =>
    [1, 2, 3, 4].map((seed) => joined(Uint8Array.of(index), inventedAnswer(api, seed))),
  ),
  run(input) {
    const api = apiOf(input)
    const read = (bytes: Uint8Array): unknown => api.response.read(new ResponseReader(bytes, api.isFlexible)) as unknown
    const value = decoded(() => read(input.subarray(1)), [MalformedResponse])
    if (isRefused(value)) return value
    // Tagged fields that nobody knows are not written, and every answer can be.
    const again = decoded(() => read(Uint8Array.from(responseBody(api, value))), [MalformedResponse])
    const isSame = hasTagged(value) || JSON.stringify(again) === JSON.stringify(value)
    expect(isSame, `what was written again is another answer: ${JSON.stringify(again)}`)
    return value
  },
}

/** Fields that only brokers write. */
function hasTagged(value: unknown): boolean {
  const text = JSON.stringify(value)
  return ['finalizedFeatures', 'nodeEndpoints', 'currentLeader', 'divergingEpoch'].some((name) => text.includes(name))
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

/** What the brokers say: the answers of the input, one after the other, and sane ones to who leads and coordinates unless the input has those too. */
let answers: { readonly parts: readonly Uint8Array[]; next: number; isSane: boolean }

Broker.prototype.ask = function ask(api: AnyApi, request: unknown, asker: { sent(): void }): Promise<never> {
  asker.sent()
  const canned = answers.isSane ? sane(api, request) : undefined
  if (canned !== undefined) return Promise.resolve(canned as never)
  const bytes = answers.parts[Math.min(answers.next++, answers.parts.length - 1)] ?? new Uint8Array()
  return new Promise((resolve) => {
    resolve(api.response.read(new ResponseReader(bytes, api.isFlexible)) as never)
  })
}

function sane(api: AnyApi, request: unknown): unknown {
  if (api === metadataApi) return cluster
  if (api !== findCoordinator) return undefined
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
 * Operation, which request, and whether the brokers tell the truth of leaders and coordinators; then the answers that brokers give, with
 * the byte 0x5c between them.
 */
export const wireOperations: Target = {
  name: 'wire-operations',
  slowness: 4,
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
      const parsed = schemasOf(operation).response.safeParse(response)
      expect(
        parsed.success,
        `the response of ${operation.name} is none: ${parsed.error?.message} of ${JSON.stringify(response)}`,
      )
    } catch (error) {
      refusal(error, [MalformedResponse])
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
