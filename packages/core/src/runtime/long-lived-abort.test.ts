import { describe, expect, it } from 'vitest'
import { bounded } from './bounded.ts'
import { LongLivedAbortController as OfWorkers } from './long-lived-abort.workerd.ts'
import { LongLivedAbortController } from './long-lived-abort.ts'
import { systemClock } from './clock.ts'

// The version for workers has to behave like the platform's own elsewhere.
describe.each<[string, new () => AbortController]>([
  ['in workers', OfWorkers],
  ['elsewhere', LongLivedAbortController],
])('an AbortController that lives as long as a client, %s', (_, Controller) => {
  it('tells its listeners once, with the first reason', () => {
    const controller = new Controller()
    const { signal } = controller
    const told: unknown[] = []
    const gone = (): unknown => told.push('gone')
    signal.addEventListener('abort', ({ target }) => told.push((target as AbortSignal).reason))
    signal.addEventListener('abort', gone)
    signal.removeEventListener('abort', gone)
    expect([signal.aborted, signal.reason]).toEqual([false, undefined])
    expect(() => signal.throwIfAborted()).not.toThrow()
    const first = new Error('closed')
    controller.abort(first)
    controller.abort(new Error('closed again'))
    expect(told).toEqual([first])
    expect([signal.aborted, signal.reason]).toEqual([true, first])
    expect(() => signal.throwIfAborted()).toThrow(first)
  })

  it('has a reason where none is given', () => {
    const controller = new Controller()
    controller.abort()
    expect(controller.signal.reason).toMatchObject({ name: 'AbortError' })
  })

  it('ends what is bounded by it, whose own signal is that of the platform', async () => {
    const controller = new Controller()
    const work = bounded(
      (signal) =>
        new Promise<never>((_resolve, reject) => {
          expect(signal).toBeInstanceOf(AbortSignal)
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
      { clock: systemClock, signals: [controller.signal] },
    )
    const reason = new Error('closed')
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
  })
})
