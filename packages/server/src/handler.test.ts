import {
  capabilities,
  codeOf,
  consumerGroupHeartbeat,
  fetch,
  type Fetch,
  http,
  metadata,
  produce,
  TopicNotFoundError,
} from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { FakeTransport } from '../test/fake-transport.ts'
import { heartbeat } from '../test/secured-server.ts'
import { createHandler } from './handler.ts'

const about = { server: 'fake 1', storage: 'memory', operations: ['produce'], maxMessageBytes: 1_048_588 }
const toldLimits = { maxPartitions: 1000, maxBodyBytes: 8_388_608 }
const base = 'http://kafkado.test'

function clientOf(transport: FakeTransport) {
  const handler = createHandler(transport)
  const call: Fetch = (input, init) => handler(new Request(input, init))
  return { handler, client: http({ url: base, fetch: call, retries: 0 }) }
}

describe('the SDK face', () => {
  it('carries batches of a produce through as they are', async () => {
    const fake = new FakeTransport().answer(produce, ({ topics }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({
          partition,
          errorCode: 0,
          baseOffset: 7,
          logAppendTimeMs: -1,
          logStartOffset: 0,
        })),
      })),
    }))
    const { client } = clientOf(fake)
    const batches = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(9)]
    const request = {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topics: [
        {
          topic: 'a',
          partitions: [
            { partition: 0, records: batches[0] as Uint8Array },
            { partition: 1, records: batches[1] as Uint8Array },
          ],
        },
        { topic: 'b', partitions: [{ partition: 5, records: batches[2] as Uint8Array }] },
      ],
    }
    const response = await client.send(produce, request)
    expect(response.topics[1]?.partitions[0]?.baseOffset).toBe(7)
    expect(fake.sent[0]?.request).toEqual(request)
  })

  it('answers a fetch with a frame, without the batches in between being copied into text', async () => {
    const partition = {
      partition: 2,
      errorCode: 0,
      highWatermark: 9,
      lastStableOffset: 9,
      logStartOffset: 0,
      abortedTransactions: null,
    }
    const fake = new FakeTransport().answer(fetch, () => ({
      throttleTimeMs: 0,
      topics: [{ topic: 'a', partitions: [{ ...partition, records: Uint8Array.of(0, 255, 128) }] }],
    }))
    const { client } = clientOf(fake)
    const response = await client.send(fetch, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 100,
      isolationLevel: 'read_committed',
      topics: [],
    })
    expect(response.topics).toEqual([
      { topic: 'a', partitions: [{ ...partition, records: Uint8Array.of(0, 255, 128) }] },
    ])
  })

  it('gives the client the error that the transport threw, of its class', async () => {
    const fake = new FakeTransport().answer(metadata, () =>
      Promise.reject(new TopicNotFoundError("there is no topic 'x'")),
    )
    const { client } = clientOf(fake)
    await expect(client.send(metadata, { topics: ['x'], allowAutoTopicCreation: false })).rejects.toMatchObject({
      name: 'TopicNotFoundError',
      message: "there is no topic 'x'",
      kafkaCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
      outcome: 'failed',
    })
  })

  it('answers capabilities at both places', async () => {
    const { client, handler } = clientOf(new FakeTransport().answer(capabilities, () => about))
    expect(await client.send(capabilities, {})).toEqual({ ...about, limits: toldLimits })
    const response = await handler(new Request(`${base}/v1`))
    expect(await response.json()).toEqual({ ...about, limits: toldLimits })
  })

  it('tells its own limits, not those of a server behind it, and takes heartbeats that name many partitions', async () => {
    const transport = new FakeTransport()
      .answer(capabilities, () => ({ ...about, limits: { maxPartitions: 5, maxBodyBytes: 5 } }))
      .answer(consumerGroupHeartbeat, ({ topicPartitions }) => ({
        throttleTimeMs: 0,
        memberId: 'm',
        memberEpoch: 1,
        assignment: null,
        heartbeatIntervalMs: topicPartitions?.[0]?.partitions.length ?? 0,
      }))
    const handler = createHandler(transport, { limits: { maxPartitions: 20 } })
    const client = http({ url: base, fetch: (input, init) => handler(new Request(input, init)) })
    expect(await client.send(capabilities, {})).toMatchObject({
      limits: { maxPartitions: 20, maxBodyBytes: 8_388_608 },
    })
    const answer = await client.send(consumerGroupHeartbeat, {
      ...heartbeat,
      topicPartitions: [{ topic: 'orders', partitions: Array.from({ length: 100_000 }, (_, partition) => partition) }],
    })
    expect(answer.heartbeatIntervalMs).toBe(100_000)
  })
})
