import { describe, expect, it } from 'vitest'
import { DisconnectedError, InvalidRequestError, QuotaExceededError, TimeoutError } from '../errors/kafka-error.ts'
import { createTopics, listGroups, produce, type AnyOperation } from '../protocol/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { retryInterceptor } from './retry-interceptor.ts'
import type { SendOptions } from '../transport/transport.ts'

/** Sends over a transport that fails with these errors, one after the other, and then answers. */
function setUp(errors: unknown[], operation: AnyOperation, options: SendOptions = {}) {
  const clock = new ManualClock()
  const sentAtMs: number[] = []
  const start = clock.now()
  const send = retryInterceptor({
    retries: 3,
    backoff: 100,
    jitter: 0,
    runtime: { clock, random: { next: () => 0, uuid: () => '' } },
  })(() => {
    sentAtMs.push(clock.now() - start)
    const error = errors[sentAtMs.length - 1]
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- also what is no Error must pass
    return error === undefined ? Promise.resolve('answer' as never) : Promise.reject(error)
  })
  const outcome = send(operation, {}, options).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  )
  return { clock, sentAtMs, outcome }
}

const failed = () => new DisconnectedError('refused', { outcome: 'failed' })
const unknown = () => new TimeoutError('no answer')

describe('the retry interceptor', () => {
  it('sends again after 100, 200 and 400 ms, and passes on the answer', async () => {
    const { clock, sentAtMs, outcome } = setUp([failed(), failed(), failed()], createTopics)
    await clock.advanceAsync('1s')
    expect(sentAtMs).toEqual([0, 100, 300, 700])
    expect(await outcome).toEqual({ answer: 'answer' })
  })

  it('gives up with the last error when its retries are used up', async () => {
    const errors = [failed(), failed(), failed(), failed(), failed()]
    const { clock, sentAtMs, outcome } = setUp(errors, createTopics)
    await clock.advanceAsync('10s')
    expect(sentAtMs).toHaveLength(4)
    expect(await outcome).toEqual({ error: errors[3] })
    expect(clock.pendingTimers).toBe(0)
  })

  it('sends again what is repeatable although the outcome is unknown', async () => {
    const { clock, outcome } = setUp([unknown()], listGroups)
    await clock.advanceAsync('1s')
    expect(await outcome).toEqual({ answer: 'answer' })
  })

  it('does not send again what is not repeatable when the outcome is unknown', async () => {
    const error = unknown()
    const { sentAtMs, outcome } = setUp([error], createTopics)
    expect(await outcome).toEqual({ error })
    expect(sentAtMs).toEqual([0])
  })

  it('says that it may have been carried out when one of the attempts may, whatever the last one was answered', async () => {
    for (const last of [failed(), new InvalidRequestError('wrong', { outcome: 'failed' })]) {
      const { clock, outcome } = setUp([unknown(), last, last, last], listGroups)
      await clock.advanceAsync('10s')
      expect(await outcome).toMatchObject({ error: { message: last.message, outcome: 'unknown' } })
    }
    const { clock, outcome } = setUp([failed(), failed(), failed(), failed()], listGroups)
    await clock.advanceAsync('10s')
    expect(await outcome).toMatchObject({ error: { outcome: 'failed' } })
  })

  it.each([
    ['was not carried out', failed()],
    ['may have been carried out', unknown()],
  ])('leaves it to the producer to send a batch again, which %s', async (_, error) => {
    const { clock, sentAtMs, outcome } = setUp([error], produce)
    await clock.advanceAsync('10s')
    expect(await outcome).toEqual({ error })
    expect(sentAtMs).toEqual([0])
  })

  it.each([
    ['is not retriable', new InvalidRequestError('wrong')],
    ['is no KafkaError', new TypeError('bug')],
    ['is no Error', 'thrown text'],
  ])('does not send again after an error that %s', async (_, error) => {
    const { sentAtMs, outcome } = setUp([error], listGroups)
    expect(await outcome).toEqual({ error })
    expect(sentAtMs).toEqual([0])
  })

  it('waits as long as the server asks', async () => {
    const { clock, sentAtMs } = setUp([new QuotaExceededError('busy', { retryAfterMs: 5000 })], createTopics)
    await clock.advanceAsync('10s')
    expect(sentAtMs).toEqual([0, 5000])
  })

  it('does not begin to wait beyond the time that the caller gives it, and says what went wrong', async () => {
    const errors = [failed(), failed(), failed()]
    const { clock, sentAtMs, outcome } = setUp(errors, listGroups, { timeoutMs: 250 })
    await clock.advanceAsync('1s')
    expect(await outcome).toEqual({ error: errors[1] })
    expect(sentAtMs).toEqual([0, 100])
  })

  it('stops waiting when the caller gives up', async () => {
    const abort = new AbortController()
    const { clock, sentAtMs, outcome } = setUp([failed()], listGroups, { signal: abort.signal })
    await clock.advanceAsync(50)
    abort.abort(new Error('enough'))
    expect(await outcome).toMatchObject({ error: { message: 'enough' } })
    expect(sentAtMs).toEqual([0])
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not begin to wait when the caller has given up already', async () => {
    const abort = new AbortController()
    abort.abort()
    const error = failed()
    expect(await setUp([error], listGroups, { signal: abort.signal }).outcome).toEqual({ error })
  })
})
