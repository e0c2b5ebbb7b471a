import { memory } from '@kafkado/broker'
import type { KafkaError } from '@kafkado/core'
import type { StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient, seededRandom } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'

describe('partitions added to a source while the application runs', () => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  const apps: StreamsApp[] = []

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 50 })
    kafka = new KafkaClient(engine)
    for (const topic of ['orders', 'others']) await kafka.admin.createTopic(topic, { partitions: 2 })
    await kafka.admin.createTopic('out', { partitions: 1 })
  })

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()))
    await kafka.close()
    await engine.close()
  })

  const start = async (
    build: (s: StreamsBuilder) => unknown,
    dropState?: string[],
  ): Promise<{ app: StreamsApp; failure: Promise<KafkaError> }> => {
    const s = kafka.streams({ application: 'app', commitInterval: 20, ...(dropState ? { dropState } : {}) })
    build(s)
    const app = await s.start()
    apps.push(app)
    return { app, failure: new Promise((resolve) => app.on('error', ({ error }) => resolve(error as KafkaError))) }
  }

  const grow = async (topic: string): Promise<void> => {
    await kafka.admin.alterTopic(topic, { partitions: 4 })
    // A new producer, because an older one may take a while to learn of it.
    const producer = kafka.producer<number>(topic)
    for (const partition of [0, 1, 2, 3]) await producer.send(10 + partition, { key: `k${partition}`, partition })
    await producer.close()
  }

  it.each<[string, (s: StreamsBuilder) => unknown]>([
    [
      'without state',
      (s) =>
        s
          .stream<number>('orders')
          .mapValues((value) => value)
          .to('out'),
    ],
    [
      'with state behind an internal topic',
      (s) =>
        s
          .stream<number>('orders')
          .groupBy((value) => `${value}`)
          .reduce((_before, value) => value)
          .to('out'),
    ],
    [
      'beside another source',
      (s) =>
        s
          .stream<number>('orders')
          .merge(s.stream<number>('others'))
          .mapValues((value) => value)
          .to('out'),
    ],
  ])('are read %s, and after a restart too', async (_, build) => {
    const out = take<number>(kafka, 'out')
    const { app } = await start(build)
    await kafka.produce('orders', 1, { partition: 0 })
    expect(await out.next(1)).toEqual([1])
    await grow('orders')
    expect((await out.next(4)).sort((one, other) => one - other)).toEqual([10, 11, 12, 13])
    await app.close()
    await start(build)
    await kafka.producer<number>('orders').send(20, { partition: 3 })
    expect(await out.next(1)).toEqual([20])
    const committed = async (): Promise<number> => {
      const { offsets } = await kafka.admin.describeGroup('app')
      return offsets.filter((one) => one.topic === 'orders' && one.committed !== null).length
    }
    await until(async () => (await committed()) === 4)
    await out.close()
  })

  it('are read into a global table within seconds', async () => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const clocked = new KafkaClient(memory({ runtime, heartbeatInterval: 200 }), runtime)
    await clocked.admin.createTopic('rates', { partitions: 1 })
    await clocked.admin.createTopic('sales', { partitions: 1 })
    const builder = clocked.streams({ application: 'app' })
    const rates = builder.globalTable<number>('rates', { name: 'rates' })
    builder
      .stream<number>('sales')
      .join(rates, { key: () => 'k1' })
      .to('out')
    const app = await inTime(builder.start(), clock)
    const sinceMs = clock.monotonic()
    await clocked.admin.alterTopic('rates', { partitions: 3 })
    for (const partition of [1, 2]) await clocked.produce('rates', partition, { key: `k${partition}`, partition })
    const view = app.query<number>('rates')
    await until(async () => (await view.entries()).length === 2, clock, 100)
    expect(clock.monotonic() - sinceMs).toBeLessThanOrEqual(15_000)
    await inTime(app.close(), clock)
    await inTime(clocked.close(), clock)
  })

  it('end the application with what has to be done, where its state has other partitions', async () => {
    const counted = (s: StreamsBuilder): unknown =>
      s
        .stream<number>('orders')
        .groupByKey()
        .aggregate(
          () => 0,
          (_before: number, value) => value,
          { name: 'latest' },
        )
        .to('out')
    const { app, failure } = await start(counted)
    await grow('orders')
    const error = await failure
    expect(error.message).toMatch(
      /^topic 'orders' has 4 partitions now and had 2 before: .*store 'latest'.*'app-latest-changelog' has 2\. .*dropState: \['latest'\]/,
    )
    expect(error).toMatchObject({ retriable: false, outcome: 'failed' })
    expect(app.state).toBe('failed')
    await expect(start(counted)).rejects.toThrow(
      /'app-latest-changelog' has 2 partitions.*needs 4.*dropState: \['latest'\]/,
    )
    // The advice in the errors works.
    await start(counted, ['latest'])
    const out = take<number>(kafka, 'out')
    const seen = new Set<number>()
    while (!seen.has(13) || !seen.has(12)) for (const value of await out.next(1)) seen.add(value)
    await out.close()
  })

  it('end the application with the names of both topics, where those have to have as many', async () => {
    const { failure } = await start((s) =>
      s
        .stream<number>('orders')
        .join(s.table<number>('others'))
        .mapValues((value: number) => value)
        .to('out'),
    )
    await grow('orders')
    expect((await failure).message).toMatch(/'orders' has 4 and 'others' has 2/)
  })
})
