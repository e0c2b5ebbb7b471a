import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { serve } from '@kafkado/server/node'
import {
  createKafkaClient,
  defineTopic,
  int64,
  type KafkaClient,
  KafkaError,
  type KafkaRecord,
  TopicNotFoundError,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'

interface Order {
  orderId: string
  amount: number
}

type Place = () => Promise<{ kafka: KafkaClient; end(): Promise<void> }>

const nothing = (): Promise<void> => Promise.resolve()

/** The same use of the same client, wherever the records are. */
const places: Record<string, Place> = {
  'memory:': () => Promise.resolve({ kafka: createKafkaClient('memory:'), end: nothing }),
  'file:': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-basic-use-'))
    return { kafka: createKafkaClient(`file:${folder}`), end: () => rm(folder, { recursive: true }) }
  },
  'http:': async () => {
    const transport = memory()
    const server = await serve({ transport, port: 0 })
    const end = async (): Promise<void> => {
      await server.close()
      await transport.close()
    }
    return { kafka: createKafkaClient(server.url), end }
  },
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

describe.each(Object.entries(places))('basic use on %s', (_name, place) => {
  let kafka: KafkaClient
  let end: () => Promise<void>

  beforeEach(async () => {
    const started = await place()
    kafka = started.kafka
    end = started.end
  })

  afterEach(async () => {
    await kafka.close()
    await end()
  })

  const values = (records: KafkaRecord<Order>[]): string[] => records.map(({ value }) => value.orderId)

  it('produces and consumes with a key and headers', async () => {
    const metadata = await kafka.produce(
      'orders',
      { orderId: '123', amount: 99.99 },
      { key: 'customer-1', headers: { trace: 'abc' } },
    )
    expect(metadata).toEqual({ topic: 'orders', partition: 0, offset: 0, timestamp: metadata.timestamp })
    const [record] = await collect(kafka.consume<Order>('orders', { group: 'g' }).take(1))
    expect(record?.toJSON()).toEqual({
      ...metadata,
      key: 'customer-1',
      value: { orderId: '123', amount: 99.99 },
      headers: { trace: 'abc' },
    })
  })

  it('takes batches of values and of messages', async () => {
    const producer = kafka.producer<Order>('orders', {
      lingerMs: 20,
      batchSize: 100_000,
      compression: 'gzip',
      acks: 'all',
    })
    const sent = await producer.sendBatch([
      { orderId: '1', amount: 1 },
      { orderId: '2', amount: 2 },
    ])
    expect(sent.map(({ offset }) => offset)).toEqual([0, 1])
    await producer.sendBatch([{ key: 'k', value: { orderId: '3', amount: 3 }, headers: { a: 'b' } }])
    const records = await collect(kafka.consumer<Order>('orders', { group: 'g' }).take(3))
    expect(values(records)).toEqual(['1', '2', '3'])
    expect(records.map(({ key }) => key)).toEqual([null, null, 'k'])
  })

  it('goes on after what was committed, and repeats what was not', async () => {
    await kafka.producer<Order>('orders').sendBatch(['1', '2', '3', '4'].map((orderId) => ({ orderId, amount: 1 })))
    const seen: string[] = []
    for await (const record of kafka.consumer<Order>('orders', { group: 'g', autoCommit: false })) {
      seen.push(record.value.orderId)
      if (seen.length === 2) await record.commit()
      if (seen.length === 3) break
    }
    expect(seen).toEqual(['1', '2', '3'])
    expect(values(await collect(kafka.consumer<Order>('orders', { group: 'g' }).take(2)))).toEqual(['3', '4'])
    const group = await kafka.admin.describeGroup('g')
    expect(group).toMatchObject({
      totalLag: 0,
      offsets: [{ topic: 'orders', partition: 0, committed: 4, latest: 4, lag: 0 }],
    })
  })

  it('chains take, filter, map and forEach', async () => {
    await kafka.producer<Order>('orders').sendBatch([1, 2, 3, 4, 5].map((amount) => ({ orderId: `${amount}`, amount })))
    const dear = kafka
      .consumer<Order>('orders', { group: 'g' })
      .filter(({ value }) => value.amount > 2)
      .map(({ value }) => value.orderId)
      .take(2)
    expect(await collect(dear)).toEqual(['3', '4'])
    const all: number[] = []
    await kafka
      .consumer<Order>('orders', { group: 'other' })
      .take(5)
      .forEach((record) => void all.push(record.value.amount))
    expect(all).toEqual([1, 2, 3, 4, 5])
  })

  it('gives single records and batches', async () => {
    await kafka.producer<Order>('orders').sendBatch([1, 2, 3, 4, 5].map((amount) => ({ orderId: `${amount}`, amount })))
    const consumer = kafka.consumer<Order>('orders', { group: 'g' })
    expect((await consumer.next()).value.orderId).toBe('1')
    await consumer.close()
    const sizes: number[] = []
    for await (const batch of kafka.consumeBatch<Order>('orders', { group: 'h', batchSize: 3, batchTimeout: '50ms' })) {
      sizes.push([...batch].length)
      await batch.commit()
      if (sizes.length === 2) break
    }
    expect(sizes).toEqual([3, 2])
    expect(await kafka.admin.describeGroup('h')).toMatchObject({ totalLag: 0 })
  })

  it('starts at the latest record or at a time', async () => {
    for (const [orderId, timestamp] of [
      ['old', Date.UTC(2026, 0, 1)],
      ['new', new Date('2026-06-01T00:00:00Z')],
    ] as const) {
      await kafka.produce('orders', { orderId, amount: 1 }, { timestamp })
    }
    const since = { timestamp: new Date('2026-03-01T00:00:00Z') }
    expect(values(await collect(kafka.consumer<Order>('orders', { group: 'since', offset: since }).take(1)))).toEqual([
      'new',
    ])
    const latest = kafka.consumer<Order>('orders', {
      group: 'latest',
      offset: 'latest',
      onAssigned: () => kafka.produce('orders', { orderId: 'newest', amount: 1 }).then(() => undefined),
    })
    expect(values(await collect(latest.take(1)))).toEqual(['newest'])
  })

  it('checks typed topics by the compiler and at run time', async () => {
    const orders = defineTopic('orders', { value: z.object({ orderId: z.string(), amount: z.number() }), key: int64() })
    await kafka.producer(orders).send({ orderId: '1', amount: 99.99 }, { key: 42 })
    const wrong = kafka.producer(orders).send({ orderId: '2', amount: '99' as unknown as number })
    await expect(wrong).rejects.toThrow(/topic 'orders'.*amount/)
    const [record] = await collect(kafka.consumer(orders, { group: 'g' }).take(1))
    expect([record?.key, record?.value.amount]).toEqual([42, 99.99])
  })

  it('administers topics and groups', async () => {
    const { admin } = kafka
    await admin.createTopic('orders', { partitions: 3, retentionMs: 86_400_000 })
    expect(await admin.listTopics()).toEqual([{ name: 'orders', partitions: 3 }])
    await kafka.produce('orders', { orderId: '1', amount: 1 }, { partition: 2 })
    const topic = await admin.describeTopic('orders')
    expect(topic).toMatchObject({ name: 'orders', partitions: 3, retentionMs: 86_400_000 })
    expect(topic.offsets.map(({ earliest, latest }) => [earliest, latest])).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
    ])
    await admin.alterTopic('orders', { retentionMs: 1000, partitions: 4 })
    expect(await admin.describeTopic('orders')).toMatchObject({ partitions: 4, retentionMs: 1000 })
    await collect(kafka.consumer<Order>('orders', { group: 'g' }).take(1))
    expect((await admin.listGroups()).map(({ id }) => id)).toEqual(['g'])
    await admin.resetOffsets('g', 'orders', 'earliest')
    expect(await admin.describeGroup('g')).toMatchObject({ id: 'g', totalLag: 1 })
    await admin.deleteGroup('g')
    await admin.deleteTopic('orders')
    expect(await admin.listTopics()).toEqual([])
    await expect(admin.describeTopic('orders')).rejects.toThrow(TopicNotFoundError)
  })

  it('says in one clear line what is wrong', async () => {
    await kafka.admin.createTopic('small', { partitions: 1, config: { 'max.message.bytes': '500' } })
    await expect(kafka.produce('small', 'x'.repeat(1000))).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      retriable: false,
      outcome: 'failed',
    })
    await expect(kafka.produce('small', 1, { key: 7 as unknown as string })).rejects.toThrow(
      /topic 'small'.*key.*expected a string, got number 7/,
    )
    await expect(kafka.produce('small', 1, { partition: 9 })).rejects.toMatchObject({ code: 'PARTITION_NOT_FOUND' })
    await expect(kafka.produce('no such topic', 1)).rejects.toThrow(/not a valid topic name/)
    expect(() => kafka.producer('small', { lingerMs: -1 })).toThrow(/lingerMs must be a whole number from 0 up, got -1/)
    expect(() => kafka.consumer('small', { group: '' })).toThrow(/group must be a string that is not empty/)
    await expect(kafka.admin.createTopic('small', { partitions: 1 })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(kafka.admin.describeGroup('nobody')).rejects.toThrow(KafkaError)
  })
})
