import { createMockKafka } from '@kafkado/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

type Faked = NonNullable<NonNullable<Parameters<typeof vi.useFakeTimers>[0]>['toFake']>

/** The timers that runners replace by default. */
const runners: Record<string, Faked | undefined> = {
  vitest: undefined,
  jest: [
    'Date',
    'clearImmediate',
    'clearInterval',
    'clearTimeout',
    'performance',
    'queueMicrotask',
    'setImmediate',
    'setInterval',
    'setTimeout',
  ],
}

describe.each(Object.entries(runners))('with the fake timers of %s, which nobody advances', (_runner, toFake) => {
  beforeEach(() => void vi.useFakeTimers(toFake && { toFake }))
  afterEach(() => void vi.useRealTimers())

  it('the mock produces, consumes in a group, runs transactions and streams, and closes', async () => {
    const kafka = createMockKafka()
    const app = await kafka
      .stream<number>('numbers')
      .map((value) => value * 2)
      .to('doubles')
      .start({ application: 'doubler' })
    await kafka.produce('numbers', 1)
    await kafka.transaction('numbers', async (tx) => void (await tx.send(2)))
    const doubles = await kafka.waitForMessages('doubles', { count: 2 })
    expect(doubles.map(({ value }) => value)).toEqual([2, 4])
    const consumer = kafka.consumer<number>('doubles', { group: 'g' })
    const read: number[] = []
    for await (const { value } of consumer.take(2)) read.push(value)
    expect(read).toEqual([2, 4])
    await app.close()
    await kafka.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('retries and faults take the time of the mock, which can be advanced as ever', async () => {
    await using kafka = createMockKafka()
    kafka.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
    kafka.faults.delayNext('produce', '1m')
    const sent = kafka.produce('orders', 1)
    await vi.waitFor(() => expect(kafka.faults.pending).toBe(0))
    kafka.clock.advance('1m')
    await sent
    await expect(kafka.waitForMessages('orders', { count: 2, timeout: 1 })).rejects.toThrow('2 messages wanted')
  })

  it('records are stamped by the Date that the test has set', async () => {
    await using kafka = createMockKafka()
    vi.setSystemTime('2020-02-20T20:20:20Z')
    expect((await kafka.produce('orders', 1)).timestamp).toBe(Date.parse('2020-02-20T20:20:20Z'))
  })
})
