import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { KafkaClient } from 'kafkado'
import { expect, it } from 'vitest'
import { take } from '../take.ts'

/** The group's committed offset of a partition, once it has the expected value. */
async function committed(kafka: KafkaClient, topic: string, offset: number): Promise<number> {
  for (;;) {
    const { offsets } = await kafka.admin.describeGroup('app')
    const found = offsets.find((one) => one.topic === topic)?.committed
    if (found === offset) return found
    await turn()
  }
}

it.each([
  ['named', 'exactly-once'],
  ['named', 'at-least-once'],
  ['matched', 'exactly-once'],
  ['matched', 'at-least-once'],
] as const)(
  'a source that is %s, deleted and made again, is committed anew: %s',
  async (selected, guarantee) => {
    const kafka = new KafkaClient(memory({ heartbeatInterval: 50 }))
    for (const topic of ['orders-eu', 'out']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const s = kafka.streams({ application: 'app', guarantee, commitInterval: 20 })
    s.stream<number>(selected === 'named' ? 'orders-eu' : /^orders-/).to('out')
    const app = await s.start()
    const out = take<number>(kafka, 'out')
    for (let value = 0; value < 20; value++) await kafka.produce('orders-eu', value)
    await out.next(20)
    await committed(kafka, 'orders-eu', 20)
    await kafka.admin.deleteTopic('orders-eu')
    await kafka.admin.createTopic('orders-eu', { partitions: 1 })
    for (let value = 20; value < 25; value++) await kafka.produce('orders-eu', value)
    expect(await out.next(5)).toEqual([20, 21, 22, 23, 24])
    await app.close()
    // A later member would read and count them again if they had not been committed.
    expect(await committed(kafka, 'orders-eu', 5)).toBe(5)
    await out.close()
    await kafka.close()
  },
  20_000,
)
