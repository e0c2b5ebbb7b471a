import { memory } from '@kafkado/broker'
import { offsetCommit } from '@kafkado/core'
import { PartitionReader } from '@kafkado/consumer/internal'
import { ManualClock } from '@kafkado/testing'
import { intercept, KafkaClient, seededRandom } from 'kafkado'
import { expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

it('a reader for streams commits without a topic that is deleted meanwhile, and its commit succeeds', async () => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  const engine = memory({ runtime, heartbeatInterval: 100 })
  const kafka = new KafkaClient(engine, runtime)
  const topics = ['kept', 'gone']
  for (const topic of topics) {
    await kafka.admin.createTopic(topic, { partitions: 1 })
    await inTime(kafka.produce(topic, 1), clock)
  }
  let isDue = true
  const transport = intercept(engine, (next) => async (operation, request, options) => {
    if (isDue && operation.name === offsetCommit.name) {
      isDue = false
      await kafka.admin.deleteTopic('gone')
    }
    return next(operation, request, options)
  })
  const reader = new PartitionReader(transport, topics, { group: 'app', offset: 'earliest', runtime })
  reader.start()
  const isRead = (): boolean => {
    reader.poll(() => true)
    return topics.every((topic) => reader.position({ topic, partition: 0 }) === 1)
  }
  await until(isRead, clock)
  const offsets = topics.map((topic) => ({ topic, partition: 0, offset: 1 }))
  // The clock stands still: no heartbeat tells of the deletion first.
  await expect(reader.commit(offsets)).resolves.toBeUndefined()
  expect(isDue).toBe(false)
  const { offsets: committed } = await kafka.admin.describeGroup('app')
  expect(committed.map(({ topic, committed: offset }) => [topic, offset])).toEqual([['kept', 1]])
  await inTime(reader.close(), clock)
  await inTime(kafka.close(), clock)
})
