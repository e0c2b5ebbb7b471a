import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'
import { input, output, type Payment } from '../sums.ts'
import { take } from '../take.ts'

type Message = Record<string, unknown>

const names = ['processed', 'committed', 'lag', 'dropped', 'store', 'cache', 'restore', 'state', 'error'] as const
type Name = (typeof names)[number]

/** Collects published messages during a test. */
class Subscriber {
  readonly messages: { readonly name: Name; readonly message: Message }[] = []
  readonly #stops: (() => void)[]

  constructor(wanted: readonly Name[] = names) {
    this.#stops = wanted.map((name) => {
      const listen = (message: unknown): void => void this.messages.push({ name, message: message as Message })
      subscribe(`kafkado:streams:${name}`, listen)
      return () => void unsubscribe(`kafkado:streams:${name}`, listen)
    })
  }

  of(name: Name): Message[] {
    return this.messages.filter((one) => one.name === name).map(({ message }) => message)
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }
}

describe('who listens to diagnostics_channel', () => {
  let clock: ManualClock
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let subscriber: Subscriber

  beforeEach(async () => {
    clock = new ManualClock(1_000_000)
    const runtime = { clock, random: seededRandom(1) }
    engine = memory({ runtime })
    kafka = new KafkaClient(engine, runtime)
    await kafka.admin.createTopic('in', { partitions: 1 })
  })
  afterEach(async () => {
    subscriber.stop()
    await inTime(kafka.close(), clock)
    await engine.close()
  })

  /** Each record takes 7 ms, or one in so many. */
  const start = (every = 1) => {
    let seen = 0
    const s = kafka.streams({
      application: 'app',
      cache: 10_000,
      commitInterval: 100,
      consumer: { fetchMaxWaitMs: 50 },
    })
    s.stream<number>('in')
      .peek(() => {
        if (seen++ % every === 0) clock.advance(7)
      })
      .groupByKey()
      .count({ name: 'counts' })
    return inTime(s.start(), clock)
  }
  const produce = (key: string | null, timestamp = clock.now()) =>
    inTime(kafka.produce('in', 1, { key, timestamp }), clock)

  it('is told what was processed, committed, dropped, held back and restored, and what is left', async () => {
    for (const key of ['a', 'b', null, 'a', null]) await produce(key, 999_000)
    subscriber = new Subscriber()
    const app = await start()
    await until(() => subscriber.of('committed').length > 0, clock)

    const processed = subscriber.of('processed')
    expect(processed.reduce((sum, { records }) => sum + (records as number), 0)).toBe(5)
    expect(processed.reduce((sum, { durationMs }) => sum + (durationMs as number), 0)).toBe(35)
    expect(processed.at(-1)).toMatchObject({ application: 'app', task: '0_0' })
    expect(processed.at(-1)?.['latencyMs']).toBeGreaterThanOrEqual(1000 + 35)

    expect(subscriber.of('committed')[0]).toEqual({
      application: 'app',
      tasks: 1,
      partitions: 1,
      durationMs: expect.any(Number) as number,
    })
    expect(subscriber.of('dropped')).toEqual([
      { application: 'app', task: '0_0', reason: 'null-key', records: 2, total: 2 },
    ])
    const at = { application: 'app', task: '0_0' }
    expect(subscriber.of('store')[0]).toEqual({ ...at, store: 'counts', entries: 2 })
    expect(subscriber.of('cache')[0]).toEqual({ ...at, store: 'counts', updates: 3, hits: 1, hitRatio: 1 / 3 })
    expect(subscriber.of('lag')[0]).toEqual({ ...at, topic: 'in', partition: 0, records: 0 })
    expect(subscriber.of('restore').at(-1)).toEqual({ ...at, store: 'counts', restored: 0, total: 0, isDone: true })
    expect(subscriber.of('state')).toContainEqual({ application: 'app', state: 'running', previous: 'restoring' })
    expect((await app.tasks())[0]?.caches).toEqual({ counts: { updates: 3, hits: 1 } })

    subscriber.messages.length = 0
    await produce(null)
    await until(() => subscriber.of('committed').length > 0, clock)
    expect(subscriber.of('dropped')).toMatchObject([{ reason: 'null-key', records: 1, total: 3 }])
    await inTime(app.close(), clock)
    expect(subscriber.of('state').at(-1)).toMatchObject({ state: 'closed' })
  })

  it('is told what was dropped from a global table', async () => {
    const send = (key: string | null) => inTime(kafka.produce('rates', 1, { key }), clock)
    await kafka.admin.createTopic('rates', { partitions: 1 })
    for (const key of ['a', null, null]) await send(key)
    subscriber = new Subscriber(['dropped'])
    const s = kafka.streams({ application: 'app', consumer: { fetchMaxWaitMs: 50 } })
    s.globalTable('rates', { name: 'rates' })
    s.stream('in').to('out')
    const app = await inTime(s.start(), clock)
    const told = { application: 'app', task: 'global', reason: 'null-key' }
    expect(subscriber.of('dropped')).toEqual([{ ...told, records: 2, total: 2 }])
    await send(null)
    await until(() => subscriber.of('dropped').length > 1, clock)
    expect(subscriber.of('dropped')[1]).toEqual({ ...told, records: 1, total: 3 })
    await inTime(app.close(), clock)
  })

  it('is told how many records are left, whether they were fetched or not', async () => {
    // A turn takes 2000 of them; a commit follows the second one, because it takes long.
    const records = Array.from({ length: 4500 }, () => ({ key: 'a', value: 1 }))
    await inTime(kafka.producer<number>('in').sendBatch(records), clock)
    subscriber = new Subscriber(['lag'])
    const app = await start(100)
    await until(() => subscriber.of('lag').length > 1, clock)
    expect(subscriber.of('lag').map((message) => message['records'])).toEqual([500, 0])
    await inTime(app.close(), clock)
  })

  it('is told nothing any more once it has stopped', async () => {
    subscriber = new Subscriber()
    const app = await start()
    await produce('a')
    await until(() => subscriber.of('committed').length > 0, clock)
    subscriber.stop()
    const { length } = subscriber.messages
    await produce('a')
    await until(async () => (await app.tasks())[0]?.processed === 2, clock)
    await inTime(app.close(), clock)
    expect(subscriber.messages).toHaveLength(length)
  })
})

describe('who listens to an application with workers', () => {
  it('is told what they measure, from when it listens until it stops', async () => {
    const engine = memory()
    const kafka = new KafkaClient(engine)
    await kafka.admin.createTopic(input, { partitions: 4 })
    const module = new URL('../sums.ts', import.meta.url)
    const app = await kafka.streams({ application: 'sums', workers: 2, module, commitInterval: 20, cache: 0 }).start()
    const sums = take<number>(kafka, output)
    const pay = async (): Promise<void> => {
      const payments = Array.from({ length: 40 }, (__, index): Payment => ({ customerId: `c-${index}`, amount: 1 }))
      await Promise.all(payments.map((value, index) => kafka.produce(input, value, { key: `${index}` })))
      await sums.records(40)
    }
    await pay()
    const subscriber = new Subscriber(['processed', 'committed'])
    while (subscriber.of('processed').length === 0) {
      await pay()
      await turn()
    }
    while (subscriber.of('committed').length === 0) await turn()
    expect(subscriber.of('processed')[0]).toMatchObject({
      application: 'sums',
      task: expect.stringMatching(/^[01]_\d$/) as string,
    })
    subscriber.stop()
    const { length } = subscriber.messages
    await pay()
    expect(subscriber.messages).toHaveLength(length)
    await Promise.all([app.close(), sums.close()])
    await kafka.close()
    await engine.close()
  })
})
