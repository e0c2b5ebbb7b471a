import { type EmbeddedTransport, memory } from '@kafkado/broker'
import { type AnyOperation, consumerGroupHeartbeat, createTopics, metadata, seededRandom } from '@kafkado/core'
import { allOperations, batchesContentType, encodeFrame, ManualClock } from '@kafkado/core/internal'
import { apiKeys, createHandler, createKey, createPepper, type Scope } from '@kafkado/server'
import { batch, Harness, TestMember, TestProducer } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { anyRequest } from './any-request.ts'
import { withoutOwners } from './without-owners.ts'

/** In every name that the key may not see. No request contains it. */
const secret = 'secret'

const may = (resource: Scope['resource'], name: string): Scope => ({
  operation: 'all',
  resource,
  name,
  pattern: 'literal',
})

/** One topic, whose name differs from a secret one only in a dot; and groups and transactions that others share. */
const seen = ['se_cret', 'shared', 'watched', 'mine']
const pepper = createPepper()
const narrow = await createKey({
  pepper,
  scopes: [
    may('topic', 'se_cret'),
    may('topic', 'mine'),
    may('group', 'shared'),
    may('group', 'watched'),
    may('transactionalId', 'mine'),
  ],
})
const wide = await createKey({
  pepper,
  scopes: (['topic', 'group', 'transactionalId'] as const).map((resource) => may(resource, '*')),
})
/** Which differ from those of the narrow key only in a dot. */
const twin = 'se.cret'
const secretTopics = ['secret-1', twin]
const isSecret = (text: string): boolean => text.includes(secret) || text.includes(twin)

const joining = {
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 1000,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}

interface World {
  readonly engine: EmbeddedTransport
  readonly topicIds: readonly string[]
  /** The whole answer, as it leaves the server: status, headers and body. */
  ask(key: { secret: string }, operation: AnyOperation, request: object): Promise<{ status: number; text: string }>
}

/** Topics, groups and transactions with secret names, also within a group and a transaction that the key may see. */
async function world(): Promise<World> {
  const clock = new ManualClock()
  const engine = memory({ runtime: { clock, random: seededRandom(1) } })
  const topics = [...secretTopics, 'mine'].map((topic) => ({
    topic,
    numPartitions: 2,
    replicationFactor: 1,
    configs: [],
  }))
  await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  const harness = new Harness(engine, 'names')
  for (const [groupId, subscribed] of [
    ['secret-group', ['secret-1', 'mine']],
    ['shared', ['secret-1', 'mine']],
  ] as const) {
    const member = new TestMember(harness, groupId, [...subscribed], { memberId: 'm' })
    for (let beat = 0; beat < 3; beat++) await member.beat()
  }
  await engine.send(consumerGroupHeartbeat, {
    ...joining,
    groupId: 'watched',
    memberId: 'by-expression',
    instanceId: 'instance',
    subscribedTopicRegex: 'secret-[a-z]+',
  })
  for (const transactionalId of ['secret-transaction', 'mine']) {
    const producer = new TestProducer(harness, transactionalId)
    await producer.init()
    await producer.send('secret-1', ['a'])
    await producer.send('mine', ['b'])
  }
  const found = await engine.send(metadata, { topics: null, allowAutoTopicCreation: false })
  const handler = createHandler(withoutOwners(engine), {
    keys: apiKeys({ pepper, keys: [narrow.key, wide.key], runtime: { clock, random: { next: () => 0, uuid } } }),
  })
  return {
    engine,
    topicIds: found.topics.map(({ topicId }) => topicId as string),
    async ask(key, operation, request) {
      const isFrame = operation.records === 'request'
      const headers = {
        'content-type': isFrame ? batchesContentType : 'application/json',
        authorization: `Bearer ${key.secret}`,
      }
      const body = isFrame ? new Blob(encodeFrame(request) as BlobPart[]) : JSON.stringify(request)
      const init = { method: 'POST', headers, body }
      const response = await handler(new Request(`http://kafkado.test${operation.path}`, init))
      const content = new TextDecoder('latin1').decode(await response.arrayBuffer())
      return { status: response.status, text: JSON.stringify([...response.headers]) + content }
    },
  }
}

function uuid(): string {
  return '00000000-0000-4000-8000-000000000000'
}

const pools = (topicIds: readonly string[]) => ({
  strings: [...seen, 'm', 'instance', 'by-expression', '', '.*', 'se.*', 'uniform', 'retention.ms', '1000', 'Stable'],
  fields,
  topicIds: [...topicIds, uuid()],
  integers: [-2, -1, 0, 1, 2, 3, 1000, 1001, 1002, 60_000],
  batches: [
    batch([{ value: 'a' }]),
    ...[1000, 1001].map((producerId) =>
      batch([{ value: 'a' }], { producerId, producerEpoch: 0, baseSequence: 1, isTransactional: true }),
    ),
  ],
})

const fields = {
  topic: ['mine', 'se_cret'],
  topics: ['mine', 'se_cret'],
  resourceName: ['mine'],
  groupId: ['shared', 'watched'],
  groupIds: ['shared', 'watched'],
  groups: ['shared', 'watched'],
  memberId: ['', 'm', 'by-expression', 'new'],
  memberEpoch: [-1, 0, 1],
  generationId: [-1],
  transactionalId: ['mine'],
  transactionalIds: ['mine'],
  producerId: [1001],
  producerEpoch: [0],
  subscribedTopicRegex: [''],
  serverAssignor: ['uniform'],
  subscribedTopicNames: ['mine'],
  transactionTimeoutMs: [1000],
  acks: [-1, 1],
  partition: [0, 1],
}

const requestsEach = Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 300)

describe('no answer and no refusal names what the key may not see', () => {
  let engine: EmbeddedTransport | undefined
  afterEach(() => engine?.close())

  it.each(allOperations.map((operation) => [operation.name, operation] as const))('%s', async (_, operation) => {
    const { ask, topicIds, ...made } = await world()
    engine = made.engine
    // One after the other on one engine: a topic comes and goes, members join and leave.
    const requests = fc.sample(anyRequest(operation, pools(topicIds)), { numRuns: requestsEach, seed: 21 })
    const statuses = new Set<number>()
    for (const request of [...(exact[operation.name] ?? []), ...requests]) {
      const sent = 'maxWaitMs' in request ? { ...request, maxWaitMs: 0 } : request
      const { status, text } = await ask(narrow, operation, sent)
      statuses.add(status)
      expect(isSecret(text), `${JSON.stringify(sent)} is answered with ${status} ${text}`).toBe(false)
    }
    expect(statuses).toContain(200)
    expect(statuses).not.toContain(500)
  })

  it('while a key that may see everything is told of each', async () => {
    const { ask, ...made } = await world()
    engine = made.engine
    for (const [name, requests] of Object.entries(exact)) {
      const operation = allOperations.find((known) => known.name === name) as AnyOperation
      const told = await Promise.all(requests.map((request) => ask(wide, operation, request)))
      const revealing = told.filter(({ text }) => isSecret(text)).length
      expect({ name, revealing }).toEqual({ name, revealing: name === 'createTopics' ? 0 : told.length })
    }
  })
})

const newTopic = { topic: 'se_cret', numPartitions: 1, replicationFactor: 1, configs: [] }

/** Requests whose answers are about something secret. A refused creation names it to nobody. */
const exact: Readonly<Record<string, readonly object[]>> = {
  metadata: [{ topics: null, allowAutoTopicCreation: false }],
  createTopics: [{ timeoutMs: 1000, validateOnly: true, topics: [newTopic] }],
  listGroups: [{ statesFilter: [], typesFilter: [] }],
  describeGroups: [{ groupIds: ['shared'] }, { groupIds: ['watched'] }],
  listTransactions: [{ stateFilters: [], producerIdFilters: [], durationFilterMs: -1 }],
  describeTransactions: [{ transactionalIds: ['mine'] }],
  consumerGroupHeartbeat: [{ ...joining, groupId: 'shared', memberId: 'm', memberEpoch: 1, topicPartitions: [] }],
}
