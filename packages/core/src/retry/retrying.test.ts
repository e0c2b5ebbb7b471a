import { describe, expect, it } from 'vitest'
import { DisconnectedError, TimeoutError } from '../errors/kafka-error.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { retrying } from './retrying.ts'
import { withRetry } from './with-retry.ts'

const failed = (): Error => new DisconnectedError('refused', { outcome: 'failed' })
const unknown = (): Error => new TimeoutError('no answer')

/** Fails with the errors, one after the other, and then succeeds. */
function failing(...errors: unknown[]) {
  const attempts: number[] = []
  const once = (attempt: number): string => {
    attempts.push(attempt)
    if (attempts.length <= errors.length) throw errors[attempts.length - 1]
    return 'done'
  }
  return { once, attempts }
}

describe('retrying', () => {
  it('waits as long as it is told, or for what it is told to wait for', async () => {
    const clock = new ManualClock()
    const { once, attempts } = failing(failed(), failed())
    let goOn = (): void => undefined
    const event = new Promise<void>((resolve) => (goOn = resolve))
    const next = (_: unknown, attempt: number): number | Promise<void> => (attempt === 1 ? 100 : event)
    const done = retrying(once, { clock, next })
    await clock.advanceAsync(99)
    expect(attempts).toEqual([1])
    await clock.advanceAsync(1)
    expect(attempts).toEqual([1, 2])
    await clock.advanceAsync(10_000)
    expect(attempts).toEqual([1, 2])
    goOn()
    expect(await done).toBe('done')
    expect(attempts).toEqual([1, 2, 3])
  })

  it.each([
    ['failed', [failed(), failed()], [false, false]],
    ['unknown', [unknown(), failed()], [true, true]],
    ['unknown', [failed(), unknown()], [false, true]],
  ])('says that it is %s when the attempts were so', async (outcome, errors, told) => {
    const clock = new ManualClock()
    const mayBeDone: boolean[] = []
    const next = (_: unknown, attempt: number, may: boolean): number | undefined => {
      mayBeDone.push(may)
      return attempt < errors.length ? 1 : undefined
    }
    const done = expect(retrying(failing(...errors).once, { clock, next })).rejects.toMatchObject({ outcome })
    await clock.advanceAsync(10)
    await done
    expect(mayBeDone).toEqual(told)
  })

  it('throws what it is told to, and what is no error of ours as it is', async () => {
    const clock = new ManualClock()
    const told = new Error('told')
    const other = new RangeError('a fault')
    const tell = (): never => {
      throw told
    }
    await expect(retrying(failing(failed()).once, { clock, next: tell })).rejects.toBe(told)
    await expect(retrying(failing(other).once, { clock, next: () => undefined })).rejects.toBe(other)
  })

  it('ends a wait with the reason of the signal', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const reason = new Error('enough')
    const done = expect(
      retrying(failing(failed()).once, { clock, signal: abort.signal, next: () => 100 }),
    ).rejects.toBe(reason)
    await clock.advanceAsync(50)
    abort.abort(reason)
    await done
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('withRetry', () => {
  it('says that it may have been done when an attempt before the last one may have done it', async () => {
    const clock = new ManualClock()
    const { once } = failing(unknown(), failed())
    const options = { attempts: 2, backoff: 100, runtime: { clock, random: { next: () => 0.5, uuid: () => '' } } }
    const done = expect(withRetry(() => once(0), options)()).rejects.toMatchObject({
      code: 'DISCONNECTED',
      outcome: 'unknown',
    })
    await clock.advanceAsync(100)
    await done
  })
})
