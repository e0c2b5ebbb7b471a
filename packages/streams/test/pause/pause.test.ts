import { memory } from '@kafkado/broker'
import { seededRandom } from '@kafkado/core'
import type { StreamsApp } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'
import { input, output, type Payment } from '../sums.ts'
import { take } from '../take.ts'

const sessionTimeoutMs = 6000

describe('an application that is paused', () => {
  let clock: ManualClock
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let app: StreamsApp
  const seen: number[] = []
  const fired = { 'stream-time': 0, 'wall-clock': 0 }
  const states: string[] = []

  beforeEach(async () => {
    clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    engine = memory({ runtime, heartbeatInterval: 200, sessionTimeout: sessionTimeoutMs })
    kafka = new KafkaClient(engine, runtime)
    seen.length = states.length = fired['stream-time'] = fired['wall-clock'] = 0
    await kafka.admin.createTopic('in', { partitions: 1 })
    const s = kafka.streams({ application: 'app', commitInterval: 100, consumer: { fetchMaxWaitMs: 100 } })
    s.stream<number>('in').process<string, number>((context) => {
      for (const type of ['stream-time', 'wall-clock'] as const) context.schedule(1000, type, () => void fired[type]++)
      return (value) => {
        seen.push(value)
        context.forward('k', value)
      }
    })
    app = await inTime(s.start(), clock)
    app.on('state', ({ state }) => states.push(state))
  })
  afterEach(async () => {
    await inTime(app.close(), clock)
    await inTime(kafka.close(), clock)
    await engine.close()
  })

  const produce = (value: number): Promise<unknown> =>
    inTime(kafka.produce('in', value, { timestamp: value * 1000 }), clock)
  const committed = async () => (await inTime(kafka.admin.describeGroup('app'), clock)).offsets[0]?.committed ?? 0

  it('processes nothing and fires nothing until it is resumed, but commits and stays in its group', async () => {
    await produce(1)
    await until(() => seen.length === 1, clock)
    await app.pause()
    expect([app.isPaused, app.state]).toEqual([true, 'paused'])
    const before = { ...fired }
    const { members } = await inTime(kafka.admin.describeGroup('app'), clock)
    for (const value of [2, 30]) await produce(value)
    await pass(5 * sessionTimeoutMs, clock)
    expect({ seen, fired, committed: await committed() }).toEqual({ seen: [1], fired: before, committed: 1 })
    const { members: after, state } = await inTime(kafka.admin.describeGroup('app'), clock)
    expect([after.map(({ id }) => id), state]).toEqual([members.map(({ id }) => id), 'Stable'])

    await app.resume()
    expect([app.isPaused, app.state]).toEqual([false, 'running'])
    await until(() => seen.length === 3 && fired['wall-clock'] > before['wall-clock'], clock)
    expect(seen).toEqual([1, 2, 30])
    expect(fired['stream-time']).toBeGreaterThan(before['stream-time'])
    expect(states).toEqual(['paused', 'running'])
  })

  it('waits without working: nothing that was due keeps it going around', async () => {
    await produce(1)
    await until(() => seen.length === 1, clock)
    await app.pause()
    await produce(2)
    // Long after a punctuation was due.
    await pass(3000, clock)
    let immediate = 0
    const schedule = clock.schedule.bind(clock)
    clock.schedule = (delayMs, ...rest) => {
      if (delayMs === 0) immediate++
      return schedule(delayMs, ...rest)
    }
    await pass(1000, clock)
    expect(immediate).toBe(0)
    await app.resume()
    await until(() => seen.length === 2, clock)
  })

  it('closes, and goes on where it was when it is started again', async () => {
    await produce(1)
    await until(() => seen.length === 1, clock)
    await app.pause()
    await produce(2)
    await inTime(app.close(), clock)
    expect([app.state, await committed()]).toEqual(['closed', 1])
    await app.resume()
    expect(app.state).toBe('closed')
  })
})

describe.each(Object.entries(places))('pausing, %s', (_, place) => {
  it.each([0, 2])('holds up nobody but itself, with %i workers', async (workers) => {
    const { kafka, close } = await place()
    await kafka.admin.createTopic(input, { partitions: 4 })
    const module = new URL('../sums.ts', import.meta.url)
    const app = await kafka.streams({ application: 'sums', workers, module, commitInterval: 20 }).start()
    const sums = take<number>(kafka, output)
    const pay = (from: number, to: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: to - from }, (__, index) => {
          const payment: Payment = { customerId: 'a', amount: from + index }
          return kafka.produce(input, payment, { key: `${from + index}` })
        }),
      )
    await pay(0, 20)
    await sums.records(20)
    await app.pause()
    const processed = async () => (await app.tasks()).reduce((sum, task) => sum + task.processed, 0)
    const before = await processed()
    await pay(20, 40)
    // Another application has read them by now, and so could this one.
    const other = kafka.streams({ application: 'other', commitInterval: 20 })
    other
      .stream<Payment>(input)
      .map((payment) => payment.amount)
      .to('others')
    const running = await other.start()
    const others = take<number>(kafka, 'others')
    await others.records(40)
    expect([app.state, await processed()]).toEqual(['paused', before])
    await app.resume()
    await sums.records(20)
    expect(await app.query<number>('totals').get('a')).toBe(780)
    await Promise.all([app.close(), running.close(), sums.close(), others.close()])
    await close()
  })
})
