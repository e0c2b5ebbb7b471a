import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { intercept, seededRandom } from '@kafkado/core'
import type { EndTxnRequest, OffsetCommitRequest, ProduceRequest } from '@kafkado/core/protocol'
import type { StreamsApp, StreamsBuilder } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deferred } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

const commitIntervalMs = 100

describe.each(['at-least-once', 'exactly-once'] as const)('what is committed %s', (guarantee) => {
  const clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  let engine: ReturnType<typeof memory>
  let direct: KafkaClient
  let app: StreamsApp
  /** The committed offset of the input when the server is asked, and the offset in the open transaction. */
  let committed: number
  let pending: number
  /** Hold back the writes to a topic, and the fetches of one. */
  let onWrite: (topic: string) => Promise<unknown> | undefined
  let onFetch: (topic: string) => Promise<unknown> | undefined

  beforeEach(async () => {
    engine = memory({ runtime })
    direct = new KafkaClient(engine, runtime)
    committed = pending = 0
    onWrite = onFetch = () => undefined
    for (const topic of ['in', 'out', 'rates']) await direct.admin.createTopic(topic, { partitions: 1 })
  })
  afterEach(async () => {
    await inTime(app.close(), clock)
    await inTime(direct.close(), clock)
    await engine.close()
  })

  const observed = () =>
    intercept(engine, (next) => async (operation, request, options) => {
      const { topics = [] } = request as { topics?: readonly { topic: string }[] }
      const { groupId = '' } = request as { groupId?: string }
      if (operation.name === 'produce') for (const { topic } of (request as ProduceRequest).topics) await onWrite(topic)
      if (operation.name === 'fetch') for (const { topic } of topics) await onFetch(topic)
      if (groupId === 'app' && (operation.name === 'offsetCommit' || operation.name === 'txnOffsetCommit')) {
        const [offset = 0] = (request as OffsetCommitRequest).topics
          .filter(({ topic }) => topic === 'in')
          .flatMap(({ partitions }) => partitions.map(({ committedOffset }) => committedOffset))
        if (operation.name === 'offsetCommit') committed = Math.max(committed, offset)
        else pending = offset
      }
      if (operation.name === 'endTxn' && (request as EndTxnRequest).committed) committed = Math.max(committed, pending)
      return next(operation, request, options)
    })

  const starting = (build: (s: StreamsBuilder) => unknown): Promise<StreamsApp> => {
    const kafka = new KafkaClient(observed(), runtime)
    const s = kafka.streams({ application: 'app', guarantee, commitInterval: commitIntervalMs })
    build(s)
    return s.start()
  }

  const send = (topic: string, value: unknown): Promise<unknown> =>
    inTime(direct.produce(topic, value, { key: 'k' }), clock)

  /** Lets time pass for many commits. */
  const pass = async (): Promise<void> => {
    const endMs = clock.monotonic() + 20 * commitIntervalMs
    await until(() => clock.monotonic() >= endMs, clock)
    for (let turns = 0; turns < 20; turns++) await turn()
  }

  it.each<[string, string, (s: StreamsBuilder) => unknown]>([
    ['record of which an output is not delivered', 'out', (s) => s.stream('in').to('out')],
    [
      'change of state that is not in its changelog',
      'app-counts-changelog',
      (s) => s.stream('in').groupByKey().count({ name: 'counts' }),
    ],
  ])('is no %s', async (_what, written, build) => {
    app = await inTime(starting(build), clock)
    const [isOnItsWay, delivered] = [deferred(), deferred()]
    onWrite = (topic) => {
      if (topic !== written) return undefined
      isOnItsWay.resolve()
      return delivered.promise
    }
    await send('in', 'a')
    await inTime(isOnItsWay.promise, clock)
    await pass()
    expect(committed).toBe(0)
    delivered.resolve()
    await until(() => committed === 1, clock)
  })

  it('is no record that an asynchronous operator works on', async () => {
    const working = deferred()
    app = await inTime(
      starting((s) =>
        s
          .stream<string>('in')
          .mapAsync(async (value) => {
            if (value === 'slow') await working.promise
            return value
          })
          .to('out'),
      ),
      clock,
    )
    await send('in', 'quick')
    await send('in', 'slow')
    await send('in', 'quick')
    await pass()
    expect(committed).toBeLessThan(2)
    working.resolve()
    await until(() => committed === 3, clock)
  })

  it('is nothing before state was restored', async () => {
    const counting = (s: StreamsBuilder): unknown =>
      s
        .stream<string>('in')
        .groupByKey()
        .reduce(0, (count) => count + 1, { name: 'counts' })
        .to('out')
    app = await inTime(starting(counting), clock)
    await send('in', 'a')
    await until(() => committed === 1, clock)
    await inTime(app.close(), clock)
    const mayRead = deferred()
    onFetch = (topic) => (topic === 'app-counts-changelog' ? mayRead.promise : undefined)
    const start = starting(counting)
    await send('in', 'b')
    await pass()
    expect(committed).toBe(1)
    mayRead.resolve()
    app = await inTime(start, clock)
    await until(() => committed === 2, clock)
    const out = direct.consumer<number>('out')
    expect((await inTime(out.next(), clock)).value).toBe(1)
    expect((await inTime(out.next(), clock)).value).toBe(2)
    await inTime(out.close(), clock)
  })

  it('is nothing before global tables were read', async () => {
    await send('rates', 2)
    await send('in', 21)
    const mayRead = deferred()
    onFetch = (topic) => (topic === 'rates' ? mayRead.promise : undefined)
    let isStarted = false
    const start = starting((s) => {
      const rates = s.globalTable<number>('rates')
      s.stream<number>('in')
        .leftJoin(rates, { key: (_value, key) => key })
        .mapValues((value, rate) => value * (rate ?? 0))
        .to('out')
    }).then((started) => {
      isStarted = true
      return started
    })
    await pass()
    expect([isStarted, committed]).toEqual([false, 0])
    mayRead.resolve()
    app = await inTime(start, clock)
    await until(() => committed === 1, clock)
    const out = direct.consumer<number>('out')
    expect((await inTime(out.next(), clock)).value).toBe(42)
    await inTime(out.close(), clock)
  })
})
