import { memory } from '@kafkado/broker'
import { seededRandom } from '@kafkado/core'
import type { StreamsApp } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'

const transactionTimeoutMs = 2000

describe('an asynchronous operator, exactly once', () => {
  let clock: ManualClock
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let app: StreamsApp
  const results: number[] = []
  const errors: unknown[] = []
  let calls = 0

  beforeEach(async () => {
    clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    engine = memory({ runtime, heartbeatInterval: 200 })
    kafka = new KafkaClient(engine, runtime)
    results.length = errors.length = calls = 0
    for (const topic of ['in', 'out']) await kafka.admin.createTopic(topic, { partitions: 1 })
  })
  afterEach(async () => {
    await inTime(app.close(), clock)
    await inTime(kafka.close(), clock)
    await engine.close()
  })

  /** @param workMs the time of each call */
  const start = async (workMs: (call: number) => number): Promise<void> => {
    const s = kafka.streams({
      application: 'app',
      guarantee: 'exactly-once',
      producer: { transactionTimeout: transactionTimeoutMs },
      consumer: { fetchMaxWaitMs: 100 },
    })
    const numbers = s.stream<number>('in')
    numbers
      .mapAsync(async (value) => {
        calls++
        await new Promise<void>((resolve) => clock.schedule(workMs(calls), () => resolve()))
        return value
      })
      .to('out')
    app = await inTime(s.start(), clock)
    app.on('error', ({ error }) => errors.push(error))
    const reader = kafka.consumer<number>('out')
    void (async () => {
      for await (const { value } of reader) results.push(value)
    })()
    await inTime(kafka.produce('in', 1), clock)
  }

  it('that is always slower than the transaction lives ends the application with an error that says so', async () => {
    await start(() => 2 * transactionTimeoutMs)
    const endMs = clock.monotonic() + 60_000
    await until(() => errors.length > 0 || clock.monotonic() > endMs, clock)
    expect(errors).toMatchObject([
      { code: 'OPERATOR_TOO_SLOW', message: expect.stringMatching(/task 0_0: .* 2000 ms, 3 times in a row/) as string },
    ])
    expect(app.state).toBe('failed')
    expect(results).toEqual([])
  })

  it('that is too slow for a while goes on when it is over', async () => {
    await start((call) => (call <= 2 ? 2 * transactionTimeoutMs : 10))
    await until(() => results.length > 0, clock)
    await pass(5 * transactionTimeoutMs, clock)
    expect({ results, errors, calls }).toEqual({ results: [1], errors: [], calls: 3 })
  })

  it('that is slow, and done in time, is waited for', async () => {
    await start(() => 0.9 * transactionTimeoutMs)
    await until(() => results.length > 0, clock)
    expect({ results, errors, calls }).toEqual({ results: [1], errors: [], calls: 1 })
  })
})
