import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { createAdmin } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { createConsumer } from '@kafkado/consumer'
import { defineTopic, http } from '@kafkado/core'
import { allOperations } from '@kafkado/core/internal'
import { createProducer } from '@kafkado/producer'
import { serve } from '@kafkado/server/node'
import { createMockKafka, ManualClock, type OperationName } from '@kafkado/testing'
import { createKafkaClient, type KafkaClient, type KafkaRecord, type Message } from 'kafkado'
import * as z from 'zod/mini'
import { describe, expect, it } from 'vitest'

const order = z.object({ orderId: z.string(), amount: z.number() })

describe('the mock client', () => {
  it('shows what was seeded and what was produced', async () => {
    await using kafka = createMockKafka()
    await kafka.seed('orders', [{ orderId: '123', amount: 99.99 }])
    await kafka.produce('orders', { orderId: '124', amount: 1 }, { key: 'k' })
    const messages = kafka.getMessages('orders')
    expect(messages.map((message) => message.to(order).orderId)).toEqual(['123', '124'])
    expect(messages.map(({ offset, key }) => [offset, key])).toEqual([
      [0, null],
      [1, 'k'],
    ])
    expect(kafka.getMessages('others')).toEqual([])
  })

  it('gives seeded records to consumers', async () => {
    await using kafka = createMockKafka()
    await kafka.seed('orders', [{ key: 'a', value: { orderId: '1', amount: 5 } }])
    for await (const record of kafka.consumer<z.infer<typeof order>>('orders', { group: 'g' }).take(1)) {
      expect([record.key, record.value.amount]).toEqual(['a', 5])
    }
  })

  it('fails when it is told to: what is retriable is sent again, once', async () => {
    await using kafka = createMockKafka()
    await kafka.produce('orders', 'before')
    kafka.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    await kafka.produce('orders', 'after')
    expect(kafka.faults.pending).toBe(0)
    expect(kafka.getMessages('orders').map(({ value }) => value)).toEqual(['before', 'after'])
    kafka.faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    await expect(kafka.produce('orders', 'never')).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      kafkaName: 'TOPIC_AUTHORIZATION_FAILED',
    })
  })

  it('has a clock that runs and can be put forward', async () => {
    await using kafka = createMockKafka()
    const before = kafka.clock.now()
    kafka.clock.advance('5m')
    const { timestamp } = await kafka.produce('orders', 1)
    expect(timestamp - before).toBeGreaterThanOrEqual(300_000)
    expect(timestamp - before).toBeLessThan(360_000)
  })
})

const seeded: Message<unknown> = { key: 'k-1', value: { amount: 41 }, timestamp: 1000, headers: { trace: 'a' } }
const plain = {
  topic: 'orders',
  partition: 0,
  offset: 0,
  timestamp: 1000,
  key: 'k-1',
  value: { amount: 41 },
  headers: { trace: 'a' },
}

type Read = (message: Message<unknown>) => Promise<KafkaRecord>

const consumed = async (kafka: KafkaClient, message: Message<unknown>): Promise<KafkaRecord> => {
  await kafka.producer('orders').sendBatch([message])
  for await (const record of kafka.consumer('orders').take(1)) return record
  throw new Error('no record came')
}

/** The sources of records in tests. */
const sources: Record<string, Read> = {
  'getMessages of the mock': async (message) => {
    await using kafka = createMockKafka()
    await kafka.seed('orders', [message])
    return kafka.getMessages('orders')[0] as KafkaRecord
  },
  'a consumer of the mock': async (message) => {
    await using kafka = createMockKafka()
    return await consumed(kafka, message)
  },
  'a client in memory, beside a mock': async (message) => {
    await using _mock = createMockKafka()
    await using kafka = createKafkaClient('memory:')
    return await consumed(kafka, message)
  },
  'a client over HTTP, beside a mock': async (message) => {
    await using _mock = createMockKafka()
    const engine = memory()
    const server = await serve({ transport: engine, port: 0 })
    try {
      await using kafka = createKafkaClient(http({ url: server.url }))
      return await consumed(kafka, message)
    } finally {
      await server.close()
      await engine.close()
    }
  },
}

describe.each(Object.entries(sources))('a record from %s', (_name, read) => {
  it.each<[field: string, other: Partial<Message<unknown>>]>([
    ['key', { key: 'k-2' }],
    ['value', { value: { amount: 42 } }],
    ['timestamp', { timestamp: 1001 }],
    ['headers', { headers: { trace: 'b' } }],
  ])('differs from one of another %s', async (field, other) => {
    const [record, same, different] = [await read(seeded), await read(seeded), await read({ ...seeded, ...other })]
    expect(record).toEqual(same)
    expect(record).toStrictEqual(same)
    assert.deepStrictEqual(record, same)
    expect(record).not.toEqual(different)
    expect(record).not.toMatchObject(different)
    expect(() => assert.deepStrictEqual(record, different)).toThrow(field)
    expect(inspect(record)).not.toBe(inspect(different))
  })

  it('is copied whole', async () => {
    // oxlint-disable-next-line typescript/no-misused-spread -- this is what users do, and what is tested
    expect({ ...(await read(seeded)) }).toEqual(plain)
    expect(structuredClone(await read(seeded))).toEqual(plain)
    expect(JSON.parse(JSON.stringify(await read(seeded)))).toEqual(plain)
    expect(Object.keys(await read(seeded)).toSorted()).toEqual(Object.keys(plain).toSorted())
  })
})

it('a record of the mock decodes its value when it is first asked for, as in production', async () => {
  let reads = 0
  const value = { deserialize: () => reads++, serialize: () => new Uint8Array(1) }
  await using kafka = createMockKafka()
  const topic = defineTopic('lazy', { value })
  await kafka.seed(topic, [1])
  const consumer = kafka.consumer(topic)
  const first = await consumer.next()
  expect(reads).toBe(0)
  expect([first.value, reads]).toEqual([0, 1])
})

describe('the mock as a transport', () => {
  it('carries producers, consumers and administration, with its faults and its clock', async () => {
    const clock = new ManualClock(5000)
    await using mock = createMockKafka({ clock })
    await createAdmin(mock).createTopic('orders', { partitions: 2 })
    const producer = createProducer(mock, 'orders')
    const { timestamp } = await producer.send('first', { partition: 1 })
    expect(timestamp).toBe(5000)
    expect(mock.getMessages('orders').map(({ value, partition }) => [value, partition])).toEqual([['first', 1]])
    mock.faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    await expect(producer.send('never')).rejects.toMatchObject({ kafkaName: 'TOPIC_AUTHORIZATION_FAILED' })
    await producer.close()
    for await (const { value } of createConsumer(mock, 'orders').take(1)) expect(value).toBe('first')
    for await (const { value } of createKafkaClient(mock).consumer('orders').take(1)) expect(value).toBe('first')
  })

  it('gives its time to a client that is made over it', async () => {
    const mock = createMockKafka({ clock: new ManualClock(5000) })
    await using kafka = createKafkaClient(mock)
    expect(await kafka.produce('orders', 1)).toMatchObject({ timestamp: 5000 })
    expect(mock.getMessages('orders')).toMatchObject([{ value: 1, timestamp: 5000 }])
  })

  it('is closed by close(), as every transport', async () => {
    const mock = createMockKafka()
    const producer = createProducer(mock, 'orders', { deliveryTimeout: 1000 })
    await mock.close()
    await expect(producer.send(1)).rejects.toMatchObject({ retriable: false })
  })
})

describe('faults', () => {
  const mistyped = 'prodcue' as OperationName

  it.each<[string, (kafka: ReturnType<typeof createMockKafka>) => void]>([
    ['failNext', ({ faults }) => faults.failNext(mistyped, 'NOT_LEADER_OR_FOLLOWER')],
    ['loseRequest', ({ faults }) => faults.loseRequest(mistyped)],
    ['loseAnswer', ({ faults }) => faults.loseAnswer(mistyped)],
    ['delayNext', ({ faults }) => faults.delayNext(mistyped, '1s')],
    ['duplicateNext', ({ faults }) => faults.duplicateNext(mistyped)],
    ['atRandom', ({ faults }) => faults.atRandom({ error: 1, operations: ['produce', mistyped] })],
  ])('%s refuses an operation that does not exist, and lists those that do', async (_name, order) => {
    await using kafka = createMockKafka()
    expect(() => order(kafka)).toThrow(/no operation "prodcue"\. The operations are .*offsetCommit, .*produce, /)
    expect(kafka.faults.pending).toBe(0)
    await kafka.produce('orders', 1)
    expect(kafka.faults.happened).toBe(0)
  })

  it('take every operation, and no name of Object.prototype', async () => {
    await using kafka = createMockKafka()
    for (const { name } of allOperations) kafka.faults.loseRequest(name as OperationName)
    expect(kafka.faults.pending).toBe(allOperations.length)
    expect(() => kafka.faults.loseRequest('toString' as OperationName)).toThrow('no operation "toString"')
  })

  it('refuse an error that Kafka does not have', async () => {
    await using kafka = createMockKafka()
    expect(() => kafka.faults.failNext('produce', 'NOT_LEADER' as 'NOT_LEADER_OR_FOLLOWER')).toThrow('"NOT_LEADER"')
    expect(() => kafka.faults.atRandom({ error: 1, errors: ['toString' as 'NONE'] })).toThrow('"toString"')
    expect(kafka.faults.pending).toBe(0)
  })
})

describe('a consumer group', () => {
  it('shares partitions, takes a third member in and lets it go, and reads every record', async () => {
    await using kafka = createMockKafka()
    await kafka.admin.createTopic('orders', { partitions: 6 })
    const seen = new Map<number, number>()
    const consumers = new Map<string, ReturnType<typeof kafka.consumer<number>>>()
    const waiting: (() => void)[] = []
    const changed = (): void => {
      for (const resolve of waiting.splice(0)) resolve()
    }
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    }
    const join = (name: string): Promise<void> => {
      const consumer = kafka.consumer<number>('orders', {
        group: 'g',
        onAssigned: () => queueMicrotask(changed),
        onRevoked: () => queueMicrotask(changed),
      })
      consumers.set(name, consumer)
      return consumer.forEach(({ value }) => {
        seen.set(value, (seen.get(value) ?? 0) + 1)
        changed()
      })
    }
    const shares = (): number[] => [...consumers.values()].map((consumer) => consumer.assignment().length)
    const produce = (first: number, count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, (_, index) => kafka.produce('orders', first + index, { partition: index % 6 })),
      )

    const reading = [join('first'), join('second')]
    await until(() => shares().join() === '3,3')
    await produce(0, 60)
    reading.push(join('third'))
    await until(() => shares().join() === '2,2,2')
    await produce(60, 60)
    await consumers.get('third')?.close()
    await produce(120, 60)
    await until(() => seen.size === 180)
    await Promise.all([...consumers.values()].map((consumer) => consumer.close()))
    await Promise.all(reading)
    // Only the record that the third member was processing when it was closed may come again.
    expect([...seen.values()].reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(1)
    expect(await kafka.admin.describeGroup('g')).toMatchObject({ state: 'Empty', totalLag: 0 })
  })
})
