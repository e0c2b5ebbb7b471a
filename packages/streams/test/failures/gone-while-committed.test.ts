import { memory } from '@kafkado/broker'
import { consumerGroupHeartbeat, intercept, offsetCommit, txnOffsetCommit } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient, seededRandom } from 'kafkado'
import { expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

it.each([
  ['at-least-once', 'without state'],
  ['at-least-once', 'with state'],
  ['exactly-once', 'without state'],
  ['exactly-once', 'with state'],
] as const)(
  'a topic of a pattern that is deleted just before its commit is left out of it, and keeps nothing waiting: %s, %s',
  async (guarantee, state) => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const engine = memory({ runtime, heartbeatInterval: 100 })
    const kafka = new KafkaClient(engine, runtime)
    let deletions = 0
    let isDue = false
    let joins = 0
    const topics = ['orders-kept', 'orders-gone']
    for (const topic of topics) await kafka.admin.createTopic(topic, { partitions: 1 })
    const transport = intercept(engine, (next) => async (operation, request, options) => {
      const isCommit = operation.name === offsetCommit.name || operation.name === txnOffsetCommit.name
      if (isDue && isCommit && JSON.stringify(request).includes('orders-gone')) {
        isDue = false
        deletions++
        // The group learns of it later than the commit.
        await kafka.admin.deleteTopic('orders-gone')
      }
      if (operation.name === consumerGroupHeartbeat.name && (request as { memberEpoch: number }).memberEpoch === 0)
        joins++
      return next(operation, request, options)
    })
    const came: number[] = []
    const errors: unknown[] = []
    const s = new KafkaClient(transport, runtime).streams({ application: 'app', guarantee, commitInterval: 50 })
    const all = s.stream<number>(/^orders-/)
    const last = (_before: number, value: number): number => value
    const results = state === 'with state' ? all.groupByKey().reduce(-1, last).toStream() : all
    results.forEach((value) => came.push(value))
    const app = await inTime(s.start(), clock)
    app.on('error', ({ error }) => errors.push(error))
    isDue = true
    for (const [value, topic] of topics.entries()) await inTime(kafka.produce(topic, value, { key: topic }), clock)
    await until(() => deletions > 0, clock)
    const sinceMs = clock.monotonic()
    await inTime(kafka.produce('orders-kept', 2, { key: 'k' }), clock)
    await until(() => came.includes(2), clock)
    const committed = async (): Promise<unknown> => {
      const { offsets } = await kafka.admin.describeGroup('app')
      return offsets.find(({ topic }) => topic === 'orders-kept')?.committed
    }
    await until(async () => (await committed()) === 2, clock)
    expect(clock.monotonic() - sinceMs).toBeLessThan(2000)
    // It causes no reprocessing, and no member has given its tasks up and begun again.
    expect(came.toSorted((left, right) => left - right)).toEqual([0, 1, 2])
    expect([errors, joins]).toEqual([[], 1])
    await inTime(app.close(), clock)
    await inTime(kafka.close(), clock)
  },
)
