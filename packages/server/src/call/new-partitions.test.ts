import {
  codeOf,
  createPartitions,
  createTopics,
  deleteTopics,
  metadata,
  produce,
  type RequestOf,
  systemRandom,
} from '@kafkado/core'
import { batchesContentType, encodeFrame, ManualClock, type Problem } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { FakeTransport } from '../../test/fake-transport.ts'
import { may } from '../../test/secured-server.ts'
import { createKey, createPepper } from '../auth/api-key.ts'
import { apiKeys } from '../auth/key-ring.ts'
import { createHandler } from '../handler.ts'

const pepper = createPepper()
const [first, second] = [
  await createKey({ pepper, scopes: [may('all', '*')] }),
  await createKey({ pepper, scopes: [may('all', '*')] }),
]
const settings = { timeoutMs: 1000, validateOnly: false }
const succeeded = { errorCode: 0, errorMessage: null }
const refused = { errorCode: codeOf('INVALID_REQUEST'), errorMessage: 'no' }

/** A server with two keys, over a transport with topics of one partition. Names with `bad` are refused. */
function setUp(isOpen = false) {
  const topics = new Set<string>()
  const fake = new FakeTransport()
    .answer(createTopics, (request) => ({
      throttleTimeMs: 0,
      topics: request.topics.map(({ topic, numPartitions }) => ({
        ...(topic.includes('bad') ? refused : succeeded),
        topic,
        topicId: null,
        numPartitions: numPartitions === -1 ? 3 : numPartitions,
        replicationFactor: 1,
      })),
    }))
    .answer(createPartitions, (request) => ({
      throttleTimeMs: 0,
      results: request.topics.map(({ topic }) => ({ topic, ...(topic.includes('bad') ? refused : succeeded) })),
    }))
    .answer(deleteTopics, (request) => ({
      throttleTimeMs: 0,
      topics: request.topics.map((topic) => ({ topic, topicId: null, ...succeeded, deleted: topics.delete(topic) })),
    }))
    .answer(metadata, ({ topics: asked, allowAutoTopicCreation }) => {
      if (allowAutoTopicCreation) for (const topic of asked ?? []) topics.add(topic)
      const answers = (asked ?? []).map((topic) => ({
        ...(topics.has(topic) ? succeeded : { ...refused, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') }),
        topic,
        topicId: null,
        isInternal: false,
        partitions: [],
      }))
      return { throttleTimeMs: 0, clusterId: null, controllerId: 1, brokers: [], topics: answers }
    })
    .answer(produce, (request) => {
      for (const { topic } of request.topics) topics.add(topic)
      return {
        throttleTimeMs: 0,
        topics: request.topics.map(({ topic }) => ({
          topic,
          partitions: [{ partition: 0, ...succeeded, baseOffset: 0, logAppendTimeMs: -1, logStartOffset: 0 }],
        })),
      }
    })
  const clock = new ManualClock()
  const runtime = { clock, random: systemRandom }
  const keys = isOpen ? undefined : apiKeys({ pepper, keys: [first.key, second.key], runtime })
  const handler = createHandler(fake, { keys, limits: { maxNewPartitionsPerHourPerKey: 10 }, runtime })
  const post = async (path: string, type: string, body: BodyInit, key = first): Promise<number | Problem> => {
    const headers = { 'content-type': type, authorization: `Bearer ${key.secret}` }
    const response = await handler(new Request(`http://kafkado.test${path}`, { method: 'POST', headers, body }))
    return response.status === 200 ? 200 : ((await response.json()) as Problem)
  }
  const json = (path: string, request: object, key = first): Promise<number | Problem> =>
    post(path, 'application/json', JSON.stringify(request), key)
  return {
    fake,
    clock,
    create: (counts: Record<string, number>, key = first, validateOnly = false) =>
      json(
        createTopics.path,
        {
          timeoutMs: 1000,
          validateOnly,
          topics: Object.entries(counts).map(([topic, numPartitions]) => ({
            topic,
            numPartitions,
            replicationFactor: 1,
            configs: [],
          })),
        } satisfies RequestOf<typeof createTopics>,
        key,
      ),
    grow: (topic: string, count: number) => json(createPartitions.path, { ...settings, topics: [{ topic, count }] }),
    look: (names: string[], allowAutoTopicCreation = true) =>
      json(metadata.path, { topics: names, allowAutoTopicCreation }),
    remove: (topic: string) => json(deleteTopics.path, { timeoutMs: 1000, topics: [topic] }),
    produceTo: (topic: string) => {
      const partitions = [{ partition: 0, records: new Uint8Array(1) }]
      const request = { transactionalId: null, acks: 1, timeoutMs: 1000, topics: [{ topic, partitions }] }
      return post(produce.path, batchesContentType, new Blob(encodeFrame(request) as BlobPart[]))
    },
  }
}

const exceeded = (left: number, count: number, retryAfterMs?: number): object =>
  expect.objectContaining({
    status: 429,
    code: 'QUOTA_EXCEEDED',
    outcome: 'failed',
    detail: expect.stringContaining(
      `in an hour (maxNewPartitionsPerHourPerKey); ${left} are left, and the request makes up to ${count}`,
    ) as string,
    ...(retryAfterMs === undefined ? { retriable: false } : { retriable: true, retryAfterMs }),
  }) as object

describe('the partitions that a key makes are counted', () => {
  it('in new topics and in growing ones, each key by itself, until time has passed', async () => {
    const { create, grow, fake, clock } = setUp()
    expect(await create({ a: 4, b: 2 })).toBe(200)
    expect(await grow('a', 3)).toBe(200)
    expect(await create({ c: 2 })).toEqual(exceeded(1, 2, 360_000))
    expect(await grow('a', 2)).toEqual(exceeded(1, 2, 360_000))
    expect(await create({ d: 10 }, second)).toBe(200)
    expect(fake.sent.map(({ operation }) => operation)).toEqual(['createTopics', 'createPartitions', 'createTopics'])
    await clock.advanceAsync(360_000)
    expect(await create({ c: 2 })).toBe(200)
    await clock.advanceAsync(100 * 3_600_000)
    expect(await create({ e: 11 })).toEqual(exceeded(10, 11))
    expect(await create({ e: 10 })).toBe(200)
  })

  it('without what was refused, or only validated', async () => {
    const { create, grow } = setUp()
    expect(await create({ bad: 9, a: 1 })).toBe(200)
    expect(await create({ b: 9 }, first, true)).toBe(200)
    expect(await grow('bad', 9)).toBe(200)
    expect(await create({ c: 9 })).toBe(200)
    expect(await create({ d: 1 })).toEqual(exceeded(0, 1, 360_000))
  })

  it('as many as the transport makes by default', async () => {
    const { create } = setUp()
    expect(await create({ a: -1, b: -1 })).toBe(200)
    expect(await create({ c: 5 })).toEqual(exceeded(4, 5, 360_000))
  })

  it('in topics that their first use creates, and in no others', async () => {
    const { look, produceTo, remove, fake } = setUp()
    expect(await look(['a', 'b', 'c', 'd', 'e'])).toBe(200)
    for (let count = 0; count < 20; count++) expect(await look(['a', 'b'])).toBe(200)
    expect(await look(['unused'], false)).toBe(200)
    for (const topic of ['a', 'f', 'g', 'h', 'i', 'f', 'f']) expect(await produceTo(topic)).toBe(200)
    expect(await produceTo('j')).toBe(200)
    expect(await produceTo('k')).toEqual(exceeded(0, 1, 360_000))
    expect(await look(['k'])).toEqual(exceeded(0, 1, 360_000))
    expect(await produceTo('j')).toBe(200)
    await remove('j')
    expect(await produceTo('j')).toEqual(exceeded(0, 1, 360_000))
    const produced = fake.sent.filter(({ operation }) => operation === produce.name)
    expect(produced).toHaveLength(9)
  })

  it('not without keys, where nobody is told from others', async () => {
    const { create, produceTo, fake } = setUp(true)
    expect(await create({ a: 100 })).toBe(200)
    expect(await produceTo('b')).toBe(200)
    expect(fake.sent.map(({ operation }) => operation)).toEqual(['createTopics', 'produce'])
  })
})
