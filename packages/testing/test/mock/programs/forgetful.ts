// node:test tests that close nothing. The outer test checks what the process does after them.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createConsumer } from '@kafkado/consumer'
import { createMockKafka, ManualClock } from '@kafkado/testing'

void it('leaves consumers, with a group and without, that have read and go on waiting', async () => {
  const kafka = createMockKafka()
  const seen: unknown[] = []
  const autoCommitInterval = 20
  await kafka.admin.createTopic('orders')
  void kafka.consumer('orders', { group: 'g', autoCommitInterval }).forEach(({ value }) => void seen.push(value))
  void kafka.consumer('orders').forEach(({ value }) => void seen.push(value))
  void createConsumer(kafka, 'orders', { group: 'h' }).forEach(({ value }) => void seen.push(value))
  await kafka.produce('orders', 1)
  await kafka.waitForMessages('orders')
  const reader = kafka.consumer('orders', { group: 'i', autoCommitInterval })
  assert.equal((await reader.next()).value, 1)
})

void it('leaves producers, one with what it has sent', async () => {
  const kafka = createMockKafka()
  await kafka.producer('orders').send(1)
  void kafka.producer('orders').send(2)
  await kafka.transaction('orders', async (tx) => void (await tx.send(3)), { id: 'i' })
})

void it('leaves streams, which commit in transactions', async () => {
  const kafka = createMockKafka()
  const counts = kafka.stream<number>('numbers').groupByKey().count().toStream()
  await counts.to('counts').start({ application: 'counter', guarantee: 'exactly-once' })
  await kafka.produce('numbers', 1, { key: 'a' })
  await kafka.waitForMessages('counts')
})

void it('leaves a consumer by a clock that stands still', () => {
  const kafka = createMockKafka({ clock: new ManualClock() })
  void kafka.consumer('orders', { group: 'g' }).forEach(() => undefined)
})
