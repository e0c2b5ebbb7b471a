import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedTransport, memory } from '@kafkado/broker'
import {
  codeOf,
  consumerGroupHeartbeat,
  createTopics,
  describeGroups,
  fetch,
  http,
  type HttpTransportOptions,
  metadata,
  produce,
  type Transport,
} from '@kafkado/core'
import { RecordBatchBuilder, recordBatchFieldsAt } from '@kafkado/core/internal'
import { createKey, createPepper, type Scope } from '@kafkado/server'
import { serve } from '@kafkado/server/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/**
 * The server over the real engine, a real socket and the HTTP client of Node: what the conformance suite does not ask
 * for.
 */

let folder: string
let engine: EmbeddedTransport
const opened: { close(): Promise<void> }[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-http-'))
  engine = memory()
  const topics = ['orders', 'secret'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1, configs: [] }))
  await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
})

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await engine.close()
  await rm(folder, { recursive: true })
})

async function clientOf(keys?: string, apiKey?: HttpTransportOptions['apiKey']): Promise<Transport> {
  const server = await serve({ transport: engine, port: 0, keys })
  const client = http({ url: server.url, apiKey, retries: 0 })
  opened.push(client, server)
  return client
}

function batchOf(value: string): Promise<Uint8Array> {
  const builder = new RecordBatchBuilder()
  builder.append({ timestamp: 1, key: null, value, headers: [] })
  return Promise.resolve(builder.build())
}

const produceTo = (topic: string, ...batches: Uint8Array[]) => ({
  transactionalId: null,
  acks: -1,
  timeoutMs: 1000,
  topics: batches.map((records) => ({ topic, partitions: [{ partition: 0, records }] })),
})

const fetchFrom = (topic: string, fetchOffset: number, maxWaitMs: number) => ({
  maxWaitMs,
  minBytes: 1,
  maxBytes: 10_000_000,
  isolationLevel: 'read_committed' as const,
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 10_000_000 }] }],
})

const heartbeat = {
  groupId: 'billing',
  memberId: 'member-1',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 1000,
  subscribedTopicNames: ['orders'],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}

describe('a server over the engine', () => {
  it('keeps every byte of bodies of all sizes that arrive at once', async () => {
    const client = await clientOf()
    const sizes = [1, 300, 3000, 30_000, 300_000]
    const batches = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        batchOf(String.fromCharCode(97 + (index % 26)).repeat(sizes[index % 5] as number)),
      ),
    )
    const produced = await Promise.all(batches.map((batch) => client.send(produce, produceTo('orders', batch))))
    const offsets = produced.map(({ topics }) => topics[0]?.partitions[0]?.baseOffset as number)
    expect(offsets.toSorted((left, right) => left - right)).toEqual(Array.from(batches.keys()))
    for (const [index, offset] of offsets.entries()) {
      const { topics } = await client.send(fetch, { ...fetchFrom('orders', offset, 0), maxBytes: 1 })
      const records = topics[0]?.partitions[0]?.records as Uint8Array
      const batch = batches[index] as Uint8Array
      // The engine writes the offset and the leader epoch, which come before the magic.
      const { magic } = recordBatchFieldsAt
      expect(Buffer.from(records).subarray(magic, batch.length).equals(batch.subarray(magic))).toBe(true)
    }
  })

  it('answers a long poll when a record comes', async () => {
    const client = await clientOf()
    const waiting = client.send(fetch, fetchFrom('orders', 0, 30_000))
    const batch = await batchOf('hello')
    await client.send(produce, produceTo('orders', batch))
    expect((await waiting).topics[0]?.partitions[0]?.records).toHaveLength(batch.length)
  })
})

describe('a server with a file of keys', () => {
  const scope = (operation: Scope['operation'], resource: Scope['resource'], name: string): Scope => ({
    operation,
    resource,
    name,
    pattern: 'literal',
  })

  it('lets a key do what its scopes say, refuses all the rest, and nothing of a batch that holds both', async () => {
    const pepper = createPepper()
    const scopes = [
      scope('write', 'topic', 'orders'),
      scope('read', 'topic', 'orders'),
      scope('read', 'group', 'billing'),
    ]
    const { secret, key } = await createKey({ pepper, scopes })
    const file = join(folder, 'keys.json')
    await writeFile(file, JSON.stringify({ version: 1, pepper, keys: [key] }))
    const client = await clientOf(file, secret)
    const batch = await batchOf('allowed')
    await client.send(produce, produceTo('orders', batch))
    const mixed = {
      ...produceTo('orders', batch),
      topics: [...produceTo('orders', batch).topics, ...produceTo('secret', batch).topics],
    }
    await expect(client.send(produce, mixed)).rejects.toMatchObject({
      name: 'UnauthorizedError',
      kafkaName: 'TOPIC_AUTHORIZATION_FAILED',
    })
    const { topics } = await client.send(fetch, fetchFrom('orders', 0, 0))
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, highWatermark: 1 })
    await expect(client.send(fetch, fetchFrom('secret', 0, 0))).rejects.toMatchObject({
      kafkaName: 'TOPIC_AUTHORIZATION_FAILED',
    })
    expect(await client.send(consumerGroupHeartbeat, heartbeat)).toMatchObject({ memberId: 'member-1', memberEpoch: 1 })
    await expect(client.send(consumerGroupHeartbeat, { ...heartbeat, groupId: 'payroll' })).rejects.toMatchObject({
      kafkaName: 'GROUP_AUTHORIZATION_FAILED',
    })
  })

  it('lets a key neither make a topic by writing to it nor learn of topics from the groups that read them', async () => {
    const pepper = createPepper()
    const scopes = [
      scope('write', 'topic', 'orders'),
      scope('write', 'topic', 'fresh'),
      scope('describe', 'group', 'payroll'),
    ]
    const { secret, key } = await createKey({ pepper, scopes })
    const file = join(folder, 'keys.json')
    await writeFile(file, JSON.stringify({ version: 1, pepper, keys: [key] }))
    const client = await clientOf(file, secret)
    const { topics } = await client.send(produce, produceTo('fresh', await batchOf('one')))
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') })
    const known = await engine.send(metadata, { topics: null, allowAutoTopicCreation: false })
    expect(known.topics.map(({ topic }) => topic).sort()).toEqual(['orders', 'secret'])

    const member = { ...heartbeat, groupId: 'payroll' }
    await engine.send(consumerGroupHeartbeat, { ...member, subscribedTopicNames: ['orders'] })
    const describePayroll = () => client.send(describeGroups, { groupIds: ['payroll'] })
    const seen = await describePayroll()
    expect(seen.groups[0]?.members[0]).toMatchObject({ memberId: 'member-1', subscribedTopicNames: ['orders'] })
    await engine.send(consumerGroupHeartbeat, { ...member, memberEpoch: 1, subscribedTopicNames: ['orders', 'secret'] })
    const hidden = await describePayroll()
    expect(hidden.groups[0]).toMatchObject({ errorCode: codeOf('TOPIC_AUTHORIZATION_FAILED'), members: [] })
    expect(JSON.stringify(hidden)).not.toContain('secret')
  })

  it('refuses who has no key', async () => {
    const file = join(folder, 'keys.json')
    await writeFile(file, JSON.stringify({ version: 1, pepper: createPepper(), keys: [] }))
    const client = await clientOf(file)
    await expect(client.send(fetch, fetchFrom('orders', 0, 0))).rejects.toMatchObject({
      kafkaName: 'SASL_AUTHENTICATION_FAILED',
      retriable: false,
    })
  })
})
