import { isNativeError } from 'node:util/types'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ManualClock } from '../runtime/manual-clock.ts'
import { seededRandom } from '../runtime/random.ts'
import { codeOf, errorCodeOf, type KafkaErrorName } from './error-codes.ts'
import { errorDescriptions } from './error-descriptions.ts'
import { errorOfCode } from './error-of-code.ts'
import { errorOfProblem, errorOfStatus } from '../http/problem.ts'
import {
  isKafkaError,
  KafkaError,
  MemberFencedError,
  PartitionNotFoundError,
  QuotaExceededError,
  SerializationError,
  TimeoutError,
  TopicNotFoundError,
  UnauthorizedError,
} from './kafka-error.ts'
import { withRetry } from '../retry/with-retry.ts'
import { errorOfAttempts } from './with-outcome.ts'

/** A class of another package, with its own constructor. */
class Late extends TimeoutError {
  readonly places: number

  constructor(places: number) {
    super(`${places} places late`, { outcome: 'failed' })
    this.places = places
  }
}

describe('errors', () => {
  it("have the numbers of Kafka's protocol, each its own", () => {
    const numbers = (Object.keys(errorDescriptions) as KafkaErrorName[]).map(codeOf)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.map((number) => codeOf(errorCodeOf(number).name))).toEqual(numbers)
    expect(codeOf('UNKNOWN_SERVER_ERROR')).toBe(-1)
    expect(codeOf('UNKNOWN_TOPIC_OR_PARTITION')).toBe(3)
    expect(codeOf('STALE_MEMBER_EPOCH')).toBe(113)
  })

  it("are of the class that stands for Kafka's code, and say what they are about", () => {
    const error = errorOfCode(codeOf('UNKNOWN_TOPIC_OR_PARTITION'), { topic: 'orders', partition: 9 })
    expect(error).toBeInstanceOf(PartitionNotFoundError)
    expect(error).toMatchObject({
      name: 'PartitionNotFoundError',
      code: 'PARTITION_NOT_FOUND',
      kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION',
      outcome: 'failed',
    })
    expect(error.message).toBe("topic 'orders' partition 9: UNKNOWN_TOPIC_OR_PARTITION")
    const detailed = errorOfCode(codeOf('UNKNOWN_TOPIC_OR_PARTITION'), {
      topic: 'orders',
      detail: errorDescriptions.UNKNOWN_TOPIC_OR_PARTITION,
    })
    expect(detailed.message).toBe("topic 'orders': there is no such topic or partition (UNKNOWN_TOPIC_OR_PARTITION)")
    expect(errorOfCode('UNKNOWN_TOPIC_OR_PARTITION', { topic: 'orders' })).toBeInstanceOf(TopicNotFoundError)
    expect(errorOfCode('FENCED_MEMBER_EPOCH')).toBeInstanceOf(MemberFencedError)
    expect(errorOfCode('STALE_MEMBER_EPOCH')).toMatchObject({
      code: 'STALE_MEMBER_EPOCH',
      kafkaName: 'STALE_MEMBER_EPOCH',
      retriable: false,
    })
    expect(errorOfCode(12345)).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR', kafkaName: 'UNKNOWN_SERVER_ERROR' })
  })

  it('know what is retriable and whether the outcome is known', () => {
    expect(errorCodeOf(codeOf('NOT_LEADER_OR_FOLLOWER')).retriable).toBe(true)
    expect(new TimeoutError('late')).toMatchObject({ retriable: true, outcome: 'unknown' })
    expect(new TopicNotFoundError('gone')).toMatchObject({ retriable: false, outcome: 'failed' })
  })

  it.each([new UnauthorizedError('no', { retryAfterMs: 5, cause: 'x' }), new Late(3)])(
    'are errors like any other when an earlier attempt may have been carried out: %s',
    (error) => {
      const unknown = errorOfAttempts(error, true) as KafkaError
      expect(unknown).toMatchObject({ outcome: 'unknown' })
      expect([isNativeError(unknown), unknown.constructor, unknown.name]).toEqual([true, error.constructor, error.name])
      expect({ ...(unknown as object), outcome: 0 }).toEqual({ ...(error as object), outcome: 0 })
      expect([unknown.message, unknown.stack, unknown.cause]).toEqual([error.message, error.stack, error.cause])
      expect(structuredClone(unknown).message).toBe(error.message)
      expect(errorOfAttempts(error, false)).toBe(error)
    },
  )

  it.each([
    ['UNKNOWN_SERVER_ERROR', 'unknown'],
    ['REQUEST_TIMED_OUT', 'unknown'],
    ['NETWORK_EXCEPTION', 'unknown'],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'unknown'],
    ['KAFKA_STORAGE_ERROR', 'unknown'],
    ['NOT_ENOUGH_REPLICAS', 'failed'],
    ['NOT_LEADER_OR_FOLLOWER', 'failed'],
    ['INVALID_RECORD', 'failed'],
  ] as const)('say of %s that the outcome is %s', (name, outcome) => {
    expect(errorOfCode(name)).toMatchObject({ outcome })
    expect(errorOfCode(codeOf(name), {}, { outcome: 'failed' })).toMatchObject({ outcome: 'failed' })
  })

  it('are known by `is` also when made by another copy of the package', () => {
    const foreign = Object.assign(new Error('elsewhere'), { [Symbol.for('kafkado.KafkaError')]: 'TIMEOUT' })
    expect([KafkaError.is(foreign), TimeoutError.is(foreign), TopicNotFoundError.is(foreign)]).toEqual([
      true,
      true,
      false,
    ])
    expect([KafkaError.is(new Error('x')), KafkaError.is(null), TimeoutError.is(new TimeoutError('x'))]).toEqual([
      false,
      false,
      true,
    ])
  })

  it("have Kafka's name and number of the error, whichever of them was given", () => {
    for (const name of Object.keys(errorDescriptions) as KafkaErrorName[]) {
      const both = { kafkaName: name, kafkaCode: codeOf(name) }
      expect(errorOfCode(name)).toMatchObject(both)
      expect(errorOfCode(codeOf(name))).toMatchObject(both)
      expect(new KafkaError('x', { kafkaName: name })).toMatchObject(both)
      expect(new KafkaError('x', { kafkaCode: codeOf(name) })).toMatchObject(both)
      expect(new TimeoutError('x', { kafkaName: name })).toMatchObject(both)
    }
    expect(new TimeoutError('x')).toMatchObject({ kafkaName: 'REQUEST_TIMED_OUT' })
    expect(new SerializationError('x')).toMatchObject({ kafkaName: undefined, kafkaCode: undefined })
    // A newer server may know errors that this client does not.
    expect(new TimeoutError('x', { kafkaCode: 12_345 })).toMatchObject({ kafkaName: undefined, kafkaCode: 12_345 })
  })

  it('are asked for by the name that Kafka has for them', () => {
    const error: unknown = errorOfCode('STALE_MEMBER_EPOCH')
    expect(isKafkaError(error, 'STALE_MEMBER_EPOCH')).toBe(true)
    expect(isKafkaError(error, 'UNKNOWN_MEMBER_ID', 'STALE_MEMBER_EPOCH')).toBe(true)
    expect(isKafkaError(error, 'UNKNOWN_MEMBER_ID')).toBe(false)
    // One error with its own class, and one whose class stands for several names.
    expect(isKafkaError(new PartitionNotFoundError('x'), 'UNKNOWN_TOPIC_OR_PARTITION')).toBe(true)
    expect(isKafkaError(errorOfCode('FENCED_INSTANCE_ID'), 'FENCED_MEMBER_EPOCH')).toBe(false)
    for (const other of [undefined, null, 'STALE_MEMBER_EPOCH', { kafkaName: 'STALE_MEMBER_EPOCH' }, new Error('x')])
      expect(isKafkaError(other, 'STALE_MEMBER_EPOCH')).toBe(false)
    // @ts-expect-error -- there is no error of this name
    expect(isKafkaError(error, 'STALE_MEMBER_EPOC')).toBe(false)
    if (isKafkaError(error, 'STALE_MEMBER_EPOCH', 'FENCED_MEMBER_EPOCH'))
      expectTypeOf(error.kafkaName).toEqualTypeOf<'STALE_MEMBER_EPOCH' | 'FENCED_MEMBER_EPOCH'>()
  })

  it('come back from a problem document as what they were, and from a bare status as well as can be', () => {
    const problem = {
      title: 'x',
      status: 429,
      detail: 'too fast',
      code: 'QUOTA_EXCEEDED',
      kafkaCode: codeOf('THROTTLING_QUOTA_EXCEEDED'),
      retriable: true,
      outcome: 'failed',
      retryAfterMs: 50,
    } as const
    expect(errorOfProblem(problem)).toBeInstanceOf(QuotaExceededError)
    expect(errorOfProblem(problem)).toMatchObject({ message: 'too fast', retryAfterMs: 50 })
    expect(
      errorOfProblem({ ...problem, code: 'STALE_MEMBER_EPOCH', kafkaCode: codeOf('STALE_MEMBER_EPOCH') }),
    ).toMatchObject({
      name: 'KafkaError',
      code: 'STALE_MEMBER_EPOCH',
    })
    expect(errorOfStatus(502, 'http://x', undefined)).toMatchObject({
      code: 'DISCONNECTED',
      outcome: 'unknown',
      retriable: true,
    })
    expect(errorOfStatus(404, 'http://x', undefined).message).toMatch(/is this a kafkado server\?/)
  })
})

describe('withRetry', () => {
  it('tries again what is retriable, waits longer each time, and gives up after its attempts', async () => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const times: number[] = []
    const start = clock.now()
    const failing = withRetry(
      () => {
        times.push(clock.now() - start)
        throw new TimeoutError('late')
      },
      { attempts: 4, backoff: '100ms', maxBackoff: '250ms', jitter: 0, runtime },
    )
    const outcome = expect(failing()).rejects.toThrow(TimeoutError)
    await clock.advanceAsync('10s')
    await outcome
    expect(times).toEqual([0, 100, 300, 550])
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not repeat what cannot succeed, waits as long as the server asks, and stops on its signal', async () => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    let calls = 0
    const once = withRetry(
      () => {
        calls++
        throw new TopicNotFoundError('gone')
      },
      { runtime },
    )
    await expect(once()).rejects.toThrow('gone')
    expect(calls).toBe(1)
    let quotaCalls = 0
    const throttled = withRetry(
      () => {
        if (quotaCalls++ === 0) throw new QuotaExceededError('slow', { retryAfterMs: 5000 })
        return 'done'
      },
      { runtime },
    )()
    await clock.advanceAsync(4999)
    expect(quotaCalls).toBe(1)
    await clock.advanceAsync(1)
    expect(await throttled).toBe('done')
    const controller = new AbortController()
    const waiting = withRetry(
      () => {
        throw new TimeoutError('late')
      },
      { runtime, signal: controller.signal },
    )()
    const stopped = expect(waiting).rejects.toThrow('enough')
    await clock.advanceAsync(0)
    controller.abort(new Error('enough'))
    await stopped
    expect(clock.pendingTimers).toBe(0)
  })
})
