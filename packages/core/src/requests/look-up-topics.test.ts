import { describe, expect, it } from 'vitest'
import {
  DisconnectedError,
  type KafkaError,
  type KafkaErrorOptions,
  TimeoutError,
  TopicNotFoundError,
  UnauthorizedError,
} from '../errors/kafka-error.ts'
import { type KafkaErrorName, codeOf } from '../errors/error-codes.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { seededRandom } from '../runtime/random.ts'
import type { Transport } from '../transport/transport.ts'
import { lookUpTopics, type TopicLookUp } from './look-up-topics.ts'
import type { TopicMetadata } from './present-topics.ts'

const partition = { errorCode: 0, partition: 0, leaderId: 1, leaderEpoch: 0 }

function topicOf(topic: string, error: KafkaErrorName = 'NONE', partitions = [partition]): TopicMetadata {
  return {
    topic,
    errorCode: codeOf(error),
    errorMessage: null,
    topicId: null,
    isInternal: false,
    partitions: error === 'NONE' ? partitions : [],
  }
}

const unreachable = (options: KafkaErrorOptions = { outcome: 'failed' }): Error =>
  new DisconnectedError('connection refused', options)

/** A look-up on a still clock. The server's answer depends on the elapsed time. */
function lookUp(
  answer: (elapsedMs: number) => TopicMetadata[] | Error | 'silence',
  options: Partial<TopicLookUp> = {},
  names: readonly string[] = ['orders'],
) {
  const clock = new ManualClock()
  const asked: number[] = []
  const transport = {
    send: () => {
      asked.push(clock.monotonic())
      const given = answer(clock.monotonic())
      // A transport that ignores limits and signals.
      if (given === 'silence') return new Promise(() => undefined)
      if (given instanceof Error) return Promise.reject(given)
      return Promise.resolve({ throttleTimeMs: 0, clusterId: null, controllerId: 1, brokers: [], topics: given })
    },
    close: () => Promise.resolve(),
  } as Transport
  const outcome: { topics?: string[]; error?: KafkaError; atMs?: number } = {}
  const settled = lookUpTopics(transport, names, {
    runtime: { clock, random: seededRandom(1) },
    timeoutMs: 10_000,
    allowAutoTopicCreation: false,
    ...options,
  }).then(
    (topics) => Object.assign(outcome, { topics: topics.map(({ topic }) => topic), atMs: clock.monotonic() }),
    (error: KafkaError) => Object.assign(outcome, { error, atMs: clock.monotonic() }),
  )
  return { clock, asked, outcome, settled }
}

describe('a look-up of topics', () => {
  it('gives the topics in the order of their names', async () => {
    const { outcome, settled } = lookUp(() => [topicOf('b'), topicOf('a')], {}, ['a', 'b'])
    await settled
    expect(outcome).toEqual({ topics: ['a', 'b'], atMs: 0 })
  })

  it.each([
    ['a server that is not up yet', unreachable()],
    ['connections that break', unreachable({ outcome: 'unknown' })],
    ['a server that does not answer', 'silence' as const],
    ['a topic without partitions', [topicOf('orders', 'NONE', [])]],
    ['a topic whose leader is elected', [topicOf('orders', 'LEADER_NOT_AVAILABLE')]],
  ])('waits for %s', async (_, before) => {
    const { clock, asked, outcome } = lookUp((elapsedMs) => (elapsedMs < 9000 ? before : [topicOf('orders')]))
    await clock.advanceAsync('10s')
    expect(outcome.topics).toEqual(['orders'])
    expect(asked.length).toBeLessThan(25)
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    ['a server that is not up', unreachable()],
    ['a server that does not answer', 'silence' as const],
    ['a topic without a leader', [topicOf('orders', 'LEADER_NOT_AVAILABLE')]],
  ])('ends when the time of its caller is over, at %s', async (_, always) => {
    const { clock, outcome } = lookUp(() => always, { timeoutMs: 1000 })
    await clock.advanceAsync('10s')
    expect(outcome.error).toBeInstanceOf(TimeoutError)
    expect(outcome.error).toMatchObject({ outcome: 'failed', retriable: true })
    expect(outcome.error?.message).toMatch(/^topic 'orders': not answered within 1000 ms; the last attempt: ./)
    expect(outcome.atMs).toBeGreaterThan(900)
    expect(outcome.atMs).toBeLessThanOrEqual(1000)
    expect(clock.pendingTimers).toBe(0)
  })

  it('says why it has failed so far when its last attempt has too little time left', async () => {
    const reasons: string[] = []
    const { clock, outcome } = lookUp((elapsedMs) => (elapsedMs < 930 ? unreachable() : 'silence'), {
      timeoutMs: 1000,
      onFailed: ({ message }) => reasons.push(message),
    })
    await clock.advanceAsync('10s')
    expect(outcome.error?.message).toBe(
      "topic 'orders': not answered within 1000 ms; the last attempt: connection refused",
    )
    expect(reasons.length).toBeGreaterThan(2)
    expect(new Set(reasons)).toEqual(new Set(['connection refused']))
  })

  it('waits for an unknown topic shortly', async () => {
    const late = lookUp((elapsedMs) => [topicOf('orders', elapsedMs < 500 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NONE')])
    await late.clock.advanceAsync('10s')
    expect(late.outcome.topics).toEqual(['orders'])
    const missing = lookUp(() => [topicOf('orders', 'UNKNOWN_TOPIC_OR_PARTITION')])
    await missing.clock.advanceAsync('10s')
    expect(missing.outcome.error).toBeInstanceOf(TopicNotFoundError)
    expect(missing.outcome.error?.message).toBe("topic 'orders' does not exist")
    expect(missing.outcome.atMs).toBeLessThan(3000)
  })

  it('says that a topic is missing also when the time is over first', async () => {
    const { clock, outcome } = lookUp(() => [topicOf('orders', 'UNKNOWN_TOPIC_OR_PARTITION')], { timeoutMs: 300 })
    await clock.advanceAsync('1s')
    expect(outcome.error).toBeInstanceOf(TopicNotFoundError)
  })

  it('does not wait for what is refused for good, whatever else is wrong', async () => {
    const { outcome, settled } = lookUp(
      () => [topicOf('a', 'UNKNOWN_TOPIC_OR_PARTITION'), topicOf('b', 'TOPIC_AUTHORIZATION_FAILED')],
      {},
      ['a', 'b'],
    )
    await settled
    expect(outcome.error).toBeInstanceOf(UnauthorizedError)
  })

  it('says that nothing was written, also where an attempt may have been carried out', async () => {
    const refused = lookUp((elapsedMs) =>
      elapsedMs === 0 ? unreachable({ outcome: 'unknown' }) : new UnauthorizedError('no', { outcome: 'unknown' }),
    )
    await refused.clock.advanceAsync('1s')
    expect(refused.outcome.error).toBeInstanceOf(UnauthorizedError)
    expect(refused.outcome.error).toMatchObject({ outcome: 'failed' })
  })

  it.each([
    ['while it waits for an answer', 'silence' as const],
    ['between two attempts', unreachable()],
  ])('ends at once by its signal, %s', async (_, always) => {
    const abort = new AbortController()
    const { clock, outcome } = lookUp(() => always, { signal: abort.signal })
    await clock.advanceAsync(50)
    const reason = new Error('over')
    abort.abort(reason)
    await clock.advanceAsync(0)
    expect(outcome).toEqual({ error: reason, atMs: 50 })
    expect(clock.pendingTimers).toBe(0)
  })
})
