import { createMockKafka } from '@kafkado/testing'
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
    // The record that the third member had in hand when it was closed may come again, and no other.
    expect([...seen.values()].reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(1)
    expect(await kafka.admin.describeGroup('g')).toMatchObject({ state: 'Empty', totalLag: 0 })
  })
})
